"""Walks: how a layer runs a cell over all timesteps."""
