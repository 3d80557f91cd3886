"""Places and opening hours: GeoJSON and OpenStreetMap."""
