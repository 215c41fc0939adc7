"""The task's `fit`: pretraining, training, calibration."""
