"""Where to invest: what more places, hours or reach would bring."""
