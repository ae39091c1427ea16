"""A simulated Etsy shop in the protocol of Open API v3. Imports the parts every simulated platform is made of only."""

from server.simulated.platforms.etsy.shop import Etsy

PLATFORM = Etsy

__all__ = ["PLATFORM", "Etsy"]
