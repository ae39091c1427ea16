"""Days at the dock: boxes, vehicles and three people whose network, stations and server fail. For ``sim`` alone."""
