"""Pretraining and calibration around `training.fit`."""
