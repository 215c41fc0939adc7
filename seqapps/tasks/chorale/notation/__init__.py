"""Four voices on a grid of sixteenths: notes, ranges, keys, spelling."""
