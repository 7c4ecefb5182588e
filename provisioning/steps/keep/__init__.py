"""The steps that make a mall from a file, make a file of a mall, and delete a mall for good."""
