"""Whatever a carrier, a courier or a platform says becomes one of our words, or is kept as it was said (TRK-02)."""

import pytest

from server.domain.tracking.status import Status
from server.domain.tracking.words import key_of, normalise

SAID = [
    ("easypost", "pre_transit", "Shipping Label Created, USPS Awaiting Item", "label_created"),
    ("easypost", "in_transit", "Arrived at USPS Regional Origin Facility", "in_transit"),
    ("easypost", "in_transit", "Accepted at USPS Origin Facility", "accepted"),
    ("easypost", "out_for_delivery", "Out for Delivery, Expected Delivery by 9:00pm", "out_for_delivery"),
    ("easypost", "delivered", "Delivered, Front Door/Porch", "delivered"),
    ("easypost", "available_for_pickup", "Available for Pickup", "available_for_pickup"),
    ("easypost", "return_to_sender", "Return to Sender", "returning"),
    ("easypost", "failure", "Notice Left (No Authorized Recipient Available)", "attempted"),
    ("easypost", "failure", "Package damaged beyond repair", "damaged"),
    ("easypost", "cancelled", "", "cancelled"),
    ("usps", "", "Pre-Shipment Info Sent to USPS, USPS Awaiting Item", "label_created"),
    ("usps", "", "USPS in possession of item", "accepted"),
    ("usps", "", "Departed USPS Regional Facility", "in_transit"),
    ("usps", "", "In Transit to Next Facility, Arriving Late", "in_transit"),
    ("usps", "", "In Transit, Arriving Late", "delayed"),
    ("usps", "", "Arrived at Post Office", "arrived"),
    ("usps", "", "Delivered, Parcel Locker", "delivered"),
    ("usps", "", "Delivered, To Original Sender", "returned"),
    ("usps", "", "Delivered to Agent for Final Delivery", "in_transit"),
    ("usps", "", "Insufficient Address", "exception"),
    ("usps", "", "Held at Post Office, At Customer Request", "available_for_pickup"),
    ("usps", "", "Missing Mail Search Request Initiated", "lost"),
    ("usps", "01", "", "delivered"),
    ("usps", "GX", "", "label_created"),
    ("ups", "MP", "Shipper created a label, UPS has not received the package yet.", "label_created"),
    ("ups", "M", "Order Processed: Ready for UPS", "label_created"),
    ("ups", "P", "Pickup Scan", "accepted"),
    ("ups", "I", "Origin Scan", "accepted"),
    ("ups", "I", "Departed from Facility", "in_transit"),
    ("ups", "I", "Destination Scan", "arrived"),
    ("ups", "I", "Loaded on Delivery Vehicle", "out_for_delivery"),
    ("ups", "D", "DELIVERED", "delivered"),
    ("ups", "X", "The receiver was not available for delivery.", "attempted"),
    ("ups", "X", "A mechanical failure has occurred", "exception"),
    ("ups", "RS", "Returning to Shipper", "returning"),
    ("ups", "", "Delivered to UPS Access Point", "available_for_pickup"),
    ("fedex", "OC", "Shipment information sent to FedEx", "label_created"),
    ("fedex", "PU", "Picked up", "accepted"),
    ("fedex", "AR", "Arrived at FedEx hub", "in_transit"),
    ("fedex", "OD", "On FedEx vehicle for delivery", "out_for_delivery"),
    ("fedex", "DE", "Customer not available or business closed", "attempted"),
    ("fedex", "DE", "Incorrect address", "exception"),
    ("fedex", "DY", "Delay", "delayed"),
    ("fedex", "HL", "Ready for recipient pickup", "available_for_pickup"),
    ("fedex", "CA", "Shipment cancelled by sender", "cancelled"),
    ("dhl", "pre-transit", "", "label_created"),
    ("dhl", "PU", "Shipment picked up", "accepted"),
    ("dhl", "WC", "Shipment is out with courier for delivery", "out_for_delivery"),
    ("dhl", "OH", "Shipment on hold", "exception"),
    ("dhl", "OK", "Delivered - Signed for by: J DOE", "delivered"),
    ("dhl", "transit", "The shipment has been processed in the parcel center", "in_transit"),
    ("metro couriers", "", "COLLECTED", "accepted"),
    ("metro couriers", "", "At delivery depot", "arrived"),
    ("metro couriers", "", "Sorry we missed you", "attempted"),
    ("metro couriers", "", "Awaiting customer collection", "available_for_pickup"),
    ("shopify", "attempted_delivery", "", "attempted"),
    ("shopify", "label_purchased", "", "label_created"),
    ("amazon", "InTransit", "", "in_transit"),
    ("amazon", "Undeliverable", "", "exception"),
    ("wms", "PICKED_UP", "", "accepted"),
    ("wms", "LOST", "", "lost"),
]


@pytest.mark.parametrize(("provider", "code", "words", "status"), SAID)
def test_what_they_say_means_what_is_listed(provider: str, code: str, words: str, status: str) -> None:
    assert normalise(provider, code, words) == (Status(status), "")


def test_more_than_forty_sayings_of_six_and_more_providers_are_listed_and_all_of_our_words_are_met() -> None:
    assert len({(provider, code, words) for provider, code, words, _ in SAID}) >= 40
    assert len({provider for provider, *_ in SAID}) >= 6
    assert {status for *_, status in SAID} == set(Status) - {Status.UNKNOWN}


@pytest.mark.parametrize(
    "words",
    [
        "Delivered to carrier partner",
        "Delivered tomorrow if you are home",
        "Delivered to shipper agent",
        "Delivery expected on Monday",
        "Will be delivered by 9 pm",
        "Parcel seen in orbit",
        "",
    ],
)
def test_a_sentence_that_only_looks_like_delivered_never_is(words: str) -> None:
    assert normalise("metro couriers", "", words).status in (Status.UNKNOWN, Status.RETURNED)
    assert normalise("metro couriers", "", words).status is not Status.DELIVERED


def test_words_never_make_an_end_of_a_code_that_says_on_the_way() -> None:
    assert normalise("ups", "I", "Delivered to next hub").status is Status.IN_TRANSIT
    assert normalise("ups", "X", "Delivered").status is Status.EXCEPTION


def test_an_unknown_word_is_one_word_for_all_parcels_whatever_numbers_are_in_it() -> None:
    keys = {normalise("metro", "", f"Parked in bay {n} of 12") for n in (3, 7, 11)}
    assert keys == {(Status.UNKNOWN, "words parked in bay of")}
    assert normalise("metro", "ZZ-9", "Signed by Zoe Quill") == (Status.UNKNOWN, "code zz-9")
    assert normalise("easypost", "unknown", "Parked in bay 4").key == "words parked in bay"
    assert len(key_of("x" * 500, "")) <= 80
