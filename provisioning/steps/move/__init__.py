"""The steps of moving a mall to another cell, taken by a worker of the cell it goes to (undoing and retiring: by the old one).

Two cells never share a Django connection: here both are plain ones, as the role that owns the tables.
"""
