"""Records and policies that couple units, as rows over integers."""
