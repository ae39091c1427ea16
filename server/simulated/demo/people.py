"""Who works in the demo. Badges are short enough to type."""

from printing.documents import Address
from server.domain.people import Role
from server.simulated.demo.goods import BOXES
from server.usecases.starting.setup_plan import (
    AdminPlan,
    BenchPlan,
    BoxPlan,
    ChannelPlan,
    PersonPlan,
    SetupPlan,
    SitePlan,
)

ANA, DEE = "PPB-ANA-01", "PPB-DEE-02"
SITE, BENCH, CHANNEL = "PDX", "Bench 1", "shop"
LOGIN = "sam"


def plan(time_zone: str) -> SetupPlan:
    """Site, people, bench, boxes and the shop's channel."""
    address = Address("Fern & Foam", "", ("400 Dock Street",), "Portland", "OR", "97209", "US", "+1 503 555 0100")
    return SetupPlan(
        site=SitePlan(code=SITE, name="Portland", time_zone=time_zone, ship_from=address),
        admin=AdminPlan(name="Sam Lee", login=LOGIN),
        bench=(BenchPlan(name=BENCH),),
        person=(
            PersonPlan(name="Ana Silva", roles=(Role.PACKER,), badge=ANA),
            PersonPlan(name="Dee Park", roles=(Role.DOCK, Role.PACKER), badge=DEE),
        ),
        box=tuple(BoxPlan(code=b.code, name=b.name, inner_mm=b.inner_mm, tare_grams=b.tare_grams) for b in BOXES),
        channel=(ChannelPlan(code=CHANNEL, name="Fern & Foam web shop"),),
    )
