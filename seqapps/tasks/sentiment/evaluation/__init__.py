"""Baselines, calibration error and attributions."""
