"""Films: decoding, picture quality, pose networks, drawing on films. Needs the extra `gait`."""
