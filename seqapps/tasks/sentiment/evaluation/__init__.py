"""Predictions, their calibration and attributions; linear baselines."""
