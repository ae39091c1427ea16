"""English. Short words, what to do first, no blame. Sentences are for people with gloves on, two metres away."""

from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from printing.printers.troubles import Trouble
from server.domain.benchwork.reasons import ENDS_SESSION, Reason
from server.domain.benchwork.scans import Command
from server.domain.dock.values import DockMode, LeftReason, LoadState
from server.domain.packing.order import Mode
from server.domain.packing.wants import StepKind
from server.domain.sales import defects
from station.views import Bought, LabelStage, Lamp, Light, Note, State
from station.wording.says import Says, Ways

REASONS: Mapping[Reason, Says] = MappingProxyType(
    {
        Reason.OK: Says("OK", "Go on.", "OK"),
        Reason.REPEAT: Says("SAME SCAN TWICE", "It counted once. Go on.", "REPEAT"),
        Reason.WRONG_ITEM: Says("WRONG ITEM", "Put it in the red bin.", "WRONG ITEM"),
        Reason.OVER_QUANTITY: Says("ONE TOO MANY", "This box has enough of it. Put it in the red bin.", "TOO MANY"),
        Reason.UNKNOWN_CODE: Says("UNKNOWN CODE", "Scan the barcode on the item.", "UNKNOWN"),
        Reason.BAD_READ: Says("NOT READ WELL", "Not counted. Scan it again.", "SCAN AGAIN"),
        Reason.NOT_NOW: Says("NOT NOW", "This code means nothing at this step.", "NOT NOW"),
        Reason.NEED_LOT: Says("LOT NEEDED", "Scan the lot code of this item.", "SCAN LOT"),
        Reason.NEED_SERIAL: Says("SERIAL NUMBER NEEDED", "Scan the serial number of this item.", "SCAN SERIAL"),
        Reason.WRONG_LOT: Says("NOT THIS LOT", "Put it back. Its lot is for other orders.", "NOT THIS LOT"),
        Reason.UNKNOWN_LOT: Says("LOT NOT KNOWN", "Scan the lot code on the item.", "WHICH LOT"),
        Reason.EXPIRED: Says("EXPIRED", "Put it in the red bin. Take a fresh one.", "EXPIRED"),
        Reason.SHORT_LIFE: Says("EXPIRES TOO SOON", "Put it back. Take one that is good for longer.", "TOO OLD"),
        Reason.LABEL_DIFFERS: Says("DATE IS NOT RIGHT", "Do not pack it. Call your lead.", "WRONG DATE"),
        Reason.SINGLE_UNITS: Says("ONE BY ONE", "Scan each single unit of this item.", "ONE BY ONE"),
        Reason.BAD_QUANTITY: Says("NOT A QUANTITY", "Not counted. Type a whole number.", "HOW MANY"),
        Reason.KIT: Says("KIT", "Scan its parts one by one.", "SCAN PARTS"),
        Reason.DUPLICATE_SERIAL: Says(
            "COUNTED BEFORE", "This very unit is in the box. Leave it there, scan the next one.", "COUNTED"
        ),
        Reason.ON_HOLD: Says("ORDER ON HOLD", "Do not pack on. Put the box on the hold shelf.", "ON HOLD"),
        Reason.CANCELLED: Says("CANCELLED", "Do not send it. Put the goods back.", "CANCELLED"),
        Reason.CHANGED: Says("ORDER CHANGED", "Unpack this box. Scan the order again for its new lines.", "CHANGED"),
        Reason.NOT_READY: Says("NOT READY", "This order cannot be packed yet. Take another one.", "NOT READY"),
        Reason.ALREADY_DONE: Says("ALREADY DONE", "Nothing more to do here. Take the next one.", "DONE"),
        Reason.IN_USE: Says("OPEN AT ANOTHER BENCH", "Take another order.", "IN USE"),
        Reason.TAKEN_OVER: Says(
            "TAKEN OVER BY ANOTHER BENCH", "Do not pack on. Give the box to that bench.", "TAKEN OVER"
        ),
        Reason.AMBIGUOUS: Says("WHICH ONE?", "Scan another barcode on it, or its number on your sheet.", "WHICH ONE"),
        Reason.BOX_NOT_ALLOWED: Says("NOT THIS BOX", "Take another box size.", "OTHER BOX"),
        Reason.OVERWEIGHT: Says("TOO HEAVY", "Take something out and call your lead.", "TOO HEAVY"),
        Reason.WEIGHT_MISMATCH: Says("WEIGHT IS NOT RIGHT", "Check what is in the box.", "CHECK BOX"),
        Reason.HAZMAT: Says("DANGEROUS GOODS", "This may not go this way. Call your lead.", "HAZMAT"),
        Reason.NO_PRINTER: Says("NO PRINTER", "Call your lead. The box can be parked: scan PARK.", "NO PRINTER"),
        Reason.WRONG_LABEL: Says(
            "WRONG LABEL", "This label is for another box. Take it off. Keep both boxes here.", "WRONG LABEL"
        ),
        Reason.WRONG_LOAD: Says("ON ANOTHER LOAD", "Set it aside. Do not load it here.", "OTHER LOAD"),
        Reason.WRONG_CARRIER: Says("OTHER CARRIER", "Set it aside. It goes with another truck.", "OTHER TRUCK"),
        Reason.ALREADY_LOADED: Says("ALREADY ON THIS LOAD", "It counted once. Go on.", "LOADED"),
        Reason.LOAD_CLOSED: Says("LOAD IS CLOSED", "Set it aside for the next truck.", "CLOSED"),
        Reason.NOT_PACKED: Says("NOT FINISHED", "A bench has not finished its order. Set it aside.", "NOT PACKED"),
        Reason.NEED_CONFIRM: Says("ARE YOU SURE?", "Scan the same code again.", "AGAIN"),
        Reason.NOT_SIGNED_IN: Says("NOBODY IS SIGNED IN", "Scan your badge first.", "SIGN IN"),
        Reason.WRONG_PIN: Says("NOT THIS PIN", "Type it again and press Enter.", "WRONG PIN"),
        Reason.STOPPED: Says("STOPPED", "Not counted. Clear the stop first.", "STOPPED"),
        Reason.UNDO_WHICH: Says(
            "TAKE OUT WHICH?", "Scan UNDO again for this one, or scan the item that you take out.", "TAKE OUT?"
        ),
        Reason.EMPTY_WHAT: Says(
            "EMPTY THE BOX?", "Scan EMPTY again to take out all, or an item to take out all of it.", "EMPTY?"
        ),
        Reason.TAKEN_OUT: Says("TAKEN OUT", "It counts no more. Take it out of the box.", "TAKE OUT"),
        Reason.EMPTIED: Says("BOX IS EMPTY", "Nothing counts any more. Take everything out of it.", "EMPTY"),
        Reason.NOTHING_TO_TAKE: Says("NOT IN THIS BOX", "Nothing was taken out. Go on.", "NOT IN BOX"),
        Reason.WHICH_PROBLEM: Says(
            "WHAT IS WRONG?", "Scan it on the problem list, or scan the item. OK goes back.", "WHAT IS IT?"
        ),
        Reason.SHORT: Says("SHORT", "Put the box on the problem shelf. Take the next order.", "SHORT"),
        Reason.DAMAGED: Says("DAMAGED", "Put box and item on the problem shelf. Take the next order.", "DAMAGED"),
        Reason.MISSING: Says("MISSING", "Put the box on the problem shelf. Take the next order.", "MISSING"),
        Reason.UNREADABLE: Says(
            "CODE CANNOT BE READ", "Put box and item on the problem shelf. Take the next order.", "UNREADABLE"
        ),
        Reason.MISLABELLED: Says(
            "WRONG LABEL ON AN ITEM", "Put box and item on the problem shelf. Take the next order.", "MISLABELLED"
        ),
        Reason.HELD_HERE: Says("HELD", "Put the box on the hold shelf. Your lead was told.", "HELD"),
        Reason.WARN_WRONG_ITEM: Says("WRONG ITEM", "Not counted. Put it aside and go on.", "WRONG ITEM"),
        Reason.WARN_OVER_QUANTITY: Says("ONE TOO MANY", "Not counted. Put it aside and go on.", "TOO MANY"),
        Reason.FORCE_WHICH: Says(
            "VERIFY BY HAND?", "Scan why on the problem list. FORCE again: the next item. OK goes back.", "BY HAND?"
        ),
        Reason.FORCED: Says("VERIFIED BY HAND", "It counts. It was written down with your name.", "BY HAND"),
        Reason.LABEL_NOT_CONFIRMED: Says(
            "NOT CONFIRMED", "Its label was never scanned on the box. Set it aside, take it to a bench.", "NOT CHECKED"
        ),
        Reason.PLANNED_ELSEWHERE: Says(
            "PLANNED ELSEWHERE", "Set it aside. Another load has it in its plan.", "OTHER LOAD"
        ),
        Reason.NOT_PLANNED: Says(
            "NOT IN THE PLAN", "Set it aside. This load takes only what is on its list.", "NOT PLANNED"
        ),
        Reason.WRONG_SERVICE: Says(
            "OTHER SERVICE", "Set it aside. This load takes another service of the carrier.", "OTHER SERVICE"
        ),
        Reason.ITEM_NOT_PARCEL: Says("THAT IS AN ITEM", "Not loaded. Scan the label on the parcel.", "SCAN LABEL"),
        Reason.VOID_LABEL: Says("OLD LABEL", "This label is void. Set it aside, it needs its new one.", "OLD LABEL"),
        Reason.PALLET_REFUSED: Says(
            "NOT THIS PALLET", "Nothing of it was loaded. Take off what may not go.", "NOT PALLET"
        ),
        Reason.UNLOAD_WHICH: Says(
            "TAKE OFF WHICH?", "Scan the parcel that comes off the truck. UNLOAD again goes back.", "TAKE OFF?"
        ),
        Reason.UNLOADED: Says("OFF THE TRUCK", "It counts no more. It waits at the dock again.", "OFF"),
        Reason.NOT_LOADED: Says("NOT ON THIS LOAD", "Nothing was taken off. Go on.", "NOT ON IT"),
        Reason.REMAINING_WHICH: Says("WHAT REMAINS?", "Scan every parcel that stays here. Then CLOSE.", "REMAINS?"),
        Reason.REMAINS: Says("STAYS HERE", "It is not on the truck. Scan the next one that stays.", "STAYS"),
        Reason.ASIDE_WHICH: Says("WHICH IS ASIDE?", "Scan each parcel that is off the truck. OK goes back.", "ASIDE?"),
        Reason.ASIDE_DONE: Says("SETTLED", "It is off the list.", "SETTLED"),
        Reason.NOT_ASIDE: Says("NOT ON THE LIST", "This parcel was not set aside. Go on.", "NOT ASIDE"),
        Reason.WHICH_LOAD: Says("WHICH TRUCK?", "Scan the code of its load. YES begins another one.", "WHICH?"),
        Reason.NEED_REASON: Says("WHY DO THEY STAY?", "Scan or type the number of the reason.", "WHY?"),
        Reason.SET_ASIDE: Says(
            "SET ASIDE FIRST",
            "Take these off the truck: scan ASIDE DONE, then each. Or a supervisor's badge.",
            "SET ASIDE",
        ),
        Reason.PULL_FIRST: Says(
            "PULL IT FIRST", "It was cancelled. Take it off and scan it, or scan CANNOT REACH.", "PULL IT"
        ),
    }
)

STOPS: Mapping[Reason, Says] = MappingProxyType(
    {
        Reason.UNKNOWN_CODE: Says("UNKNOWN CODE, AGAIN", "Put it in the red bin.", "UNKNOWN"),
        Reason.DUPLICATE_SERIAL: Says("SERIAL NUMBER USED BEFORE", "Set the box aside. Call your lead.", "USED BEFORE"),
        Reason.STOPPED: Says("THIS BENCH CANNOT SAVE", "Nothing counts now. Call your lead.", "CALL LEAD"),
    }
)
"""What a stop says differently from the first verdict."""

NOTES: Mapping[Note, str] = MappingProxyType(
    {
        Note.SIGNED_IN: "Signed in.",
        Note.HAND_OVER: "Took over this bench.",
        Note.SIGNED_OUT: "Signed out.",
        Note.REVOKED: "{item} may not work here any more and was signed out.",
        Note.UNKNOWN_BADGE: "Scan your own badge, or ask your lead for one.",
        Note.NO_ROLE: "{item} may neither pack nor load.",
        Note.MAY_NOT_PACK: "This badge may not pack.",
        Note.MAY_NOT_LOAD: "This badge may not load.",
        Note.BOX_FIRST: "{item} may not pack. Finish or park this box first.",
        Note.PIN: "Type the PIN and press Enter, or scan its digits and OK.",
        Note.PIN_WRONG: "Type it again and press Enter. Tries left: {done}.",
        Note.PIN_LOCKED: "Too often. Wait a minute, then scan your badge again.",
        Note.DAY_OVER: "This badge was lent for another day. Ask your lead for one of today.",
        Note.ELSEWHERE: "This badge signed in at {item}, so it was signed out here.",
        Note.IDLE: "Nobody has scanned here for a while. Scan your badge to go on.",
        Note.OPENING: "Order scanned.",
        Note.OPENING_BY_ITEM: "Its order is opened. Keep it in your hand.",
        Note.COUNT_BOX: "{done} of {total} verified by the one before. Count the box.",
        Note.OUT_OF_BOX: "{item} is out. Scan the next one that comes out.",
        Note.ALL_OUT: "All of it is out. Scan OK, then the slip again.",
        Note.STAYS_IN: "{item} is not to come out. Put it back in the box.",
        Note.TAKE_OUT_FIRST: "First scan out of the box: {item}. Without a code: a supervisor's badge.",
        Note.LEFT_TO_LEAD: "The supervisor sees to it. Scan OK.",
        Note.ANOTHER: "Scan another slip.",
        Note.PUT_BACK: "Put its goods back. Scan another slip.",
        Note.HOLD_BADGE: "Scan another slip. A supervisor's badge, scanned now, can release it.",
        Note.SLIP_TOTE_ITEM: "Scan a slip, a tote, or an item.",
        Note.NO_SINGLE: "Put it aside. For an order of several items scan its slip first.",
        Note.NOT_IN_TOTE: "No order of this tote wants it. Put it in the red bin.",
        Note.ITEM_OF_TOTE: "Several orders are in this tote. Scan one item out of it.",
        Note.TOTE_MATE: "Back in the tote: it is for order {item}.",
        Note.TOTE_IS_EMPTY: "The tote is empty. Scan the next one.",
        Note.LEFT_OVER: "Left over: put it in the red bin. Anything more? Scan it, else YES.",
        Note.TAKE_FREE: "Scan TAKE OVER to have it here, or another slip.",
        Note.TAKE_BADGE: "Scan another slip. To have it here: TAKE OVER, then a supervisor's badge.",
        Note.TAKE_WALK: "Walk to {item} and look. Then: TAKE OVER and a supervisor's badge.",
        Note.SUPERVISOR_NOW: "Now scan a supervisor's badge, or another slip.",
        Note.NOTHING_TO_TAKE_OVER: "Scan the slip first, then TAKE OVER.",
        Note.TAKING_OVER: "Taken over from the other bench.",
        Note.RELEASE_ASK: "Scan YES to release it, or another slip to leave it.",
        Note.RELEASING: "It is looked at again.",
        Note.PARK_FIRST: "One box at a time. Scan PARK, then that slip. This one goes on by its own.",
        Note.THIS_ORDER: "This is the order you have open. Go on.",
        Note.GOES_ON: "Box {item} goes on at another bench. Give it there.",
        Note.WAIT_OPENING: "Wait a moment: something is being opened.",
        Note.AGAIN: "This order is open here. Go on.",
        Note.RESUMED: "Its box is open again.",
        Note.PARKED: "Parked. Scan the next order.",
        Note.PARKED_LATE: "Box {item} is parked. Put its slip in the box; scan the slip when the label can come.",
        Note.PULL_BOX: "Pull box {item} and set it aside.",
        Note.PULL_LABEL: "Pull box {item}, destroy its label and set the box aside.",
        Note.OPENED_ASIDE: "Opened late, so it is parked. Scan its slip when you want it.",
        Note.ITEM_FIRST: "First scan an order, then its items.",
        Note.AWAY: "The server does not answer. Scan it again.",
        Note.AWAY_LANE: "The server does not answer. Scan the lane again.",
        Note.AWAY_CLOSE: "Not closed. CLOSE tries again, YES closes without it.",
        Note.AWAY_LABEL: "The server does not answer. It is asked again by itself.",
        Note.REPRINT: "Printing its label again.",
        Note.REPRINT_WHICH: "Scan the label or the box's slip, or type its parcel number.",
        Note.REPRINTING: "The server is asked whether this label still holds.",
        Note.REPRINT_OVER: "Its label prints again. Put it over the old one.",
        Note.RELABEL_PARCEL: "Scan the label that is wrong, or type its parcel number.",
        Note.RELABEL_WHY: "Scan 1 carrier or service, 2 weight or box, 3 address, 4 unreadable, 5 lost.",
        Note.RELABEL_BADGE: "Now a supervisor's badge: the old label is void then, the new one costs again.",
        Note.RELABELLING: "The server is asked.",
        Note.NOT_RELABELLED: "No other label.",
        Note.RELABEL_OFF: "The server does not answer. Whether the label is void is not known: scan RELABEL again.",
        Note.NOT_REPRINTED: "Not reprinted: the server does not answer.",
        Note.NO_PRINTER: "This bench has no printer. Call your lead.",
        Note.UNCERTAIN: "Look whether it came out. Scan it, or scan REPRINT if there is none.",
        Note.CANNOT_DRAW: "This label cannot be drawn. Call your lead.",
        Note.TO_DOCK: "Now loading.",
        Note.TO_PACK: "Now packing.",
        Note.LANE: "Lane scanned.",
        Note.LANE_FIRST: "Scan the code of a lane first.",
        Note.NO_SUCH_LANE: "No such lane here. Known:",
        Note.NO_LANES: "This dock knows no lane yet.",
        Note.CLOSING: "Closing was confirmed.",
        Note.WAIT_CLOSING: "Wait a moment: the load is being closed.",
        Note.KNOWN_NOW: "This parcel is known now: scan it again.",
        Note.DISPUTED: "Take parcel {item} off again: the server knows better.",
        Note.MANIFEST: "The manifest cannot be saved in {item}.",
        Note.REDIRECTED: "Paper prints at {item} now. Scan PRINTER again for the next place.",
        Note.PRINTS_HERE: "Paper prints at its own printer again.",
        Note.NO_OTHER_PRINTER: "No other printer is set up for this bench. Call your lead.",
        Note.SCANNER_HERE: "This scanner works at this bench now.",
        Note.SCANNER_ELSEWHERE: "That is the code of another bench. Scan the one on this bench's sheet.",
        Note.CALLED: "Somebody is called. Go on as you like.",
        Note.CALL_ENDED: "The call is taken back.",
        Note.COMING: "Somebody is on the way to you.",
        Note.HELP: "Any scan leaves this page.",
        Note.MAY_NOT_FORCE: "This badge may not verify by hand. Scan PROBLEM instead, or CALL.",
        Note.MAY_NOT_ATTACH: "This badge may not teach codes. Scan CALL.",
        Note.ATTACH_CODE: "Scan the code nobody knows.",
        Note.ATTACH_ITEM: "Now scan a known code of the same item, from the shelf or a slip.",
        Note.ATTACHING: "The server is asked.",
        Note.ATTACHED: "This code is known now as {item}. Scan the item.",
        Note.NOT_ATTACHED: "Not taught.",
        Note.ATTACH_OFF: "The server does not answer. Nothing was taught.",
        Note.OUTSIDE_LABEL: "Scan the label of the other tool.",
        Note.JOURNAL: "Not saved, not counted.",
        Note.FAULT: "Not counted: a fault in the bench.",
        Note.WEIGHED: "The scale says {item} g. That is right.",
        Note.WEIGHED_OFF: "The scale says {item} g. Check what is in the box.",
        Note.BOX_OPENED: "The box may be opened again.",
        Note.OPEN_BADGE: "A supervisor scans their badge to open it.",
        Note.NEXT_BOX: "Close this box. What comes now goes into the next.",
        Note.RELEASE_WHY: "Type why this weight is right, or scan a reason.",
        Note.GOODS_BEGUN: "Goods.",
        Note.GOODS_WAIT: "Wait a moment: the server is asked.",
        Note.GOODS_FETCHING: "The server is asked for its list.",
        Note.GOODS_PAPER_FIRST: "First scan the paper: the box, or the number of the transfer.",
        Note.GOODS_FINISH: "Goods are being counted. DONE books them, EMPTY drops them.",
        Note.GOODS_ASK: "Scan DONE again to book it. Any item goes on counting.",
        Note.GOODS_DROP: "Scan EMPTY again to drop all that was counted here.",
        Note.GOODS_BOOKING: "It is being booked.",
        Note.GOODS_BOOKED: "Booked. The stock is right now.",
        Note.GOODS_AWAY: "This needs the server, and it does not answer. Scan it again.",
        Note.GOODS_AWAY_KEPT: "This needs the server. What was counted is kept, and booked when it answers.",
        Note.GOODS_REFUSED: "Nothing was booked.",
        Note.PALLET_SSCC: "Scan the code of the pallet, its SSCC.",
        Note.PALLET_PARCEL: "Scan each parcel on it. DONE at the end.",
        Note.PALLET_TWICE: "It is on this pallet already.",
        Note.PALLET_FINISH: "First finish the pallet: DONE, or EMPTY to drop it.",
        Note.PALLET_ASK: "Scan DONE again if that is all of it.",
        Note.PALLET_AWAY: "A number needs the server. Scan a printed pallet label, or load each parcel by itself.",
        Note.PALLET_LABEL: "Its label prints: stick it on. Then scan each parcel.",
        Note.PALLET_NO_LABEL: "It has a number, and its label cannot be printed: write it on.",
        Note.PALLET_BUILT: "The pallet is built. Its code loads all of it.",
        Note.PALLET_ALONE: "The pallet is built. Its code loads all of it here; elsewhere when the server answers.",
        Note.GOODS_LOT_ITEM: "First scan an item of it, then LOT.",
        Note.GOODS_LOT_WHICH: "Scan the label with its lot, or type it. OK goes back.",
        Note.GOODS_LOT_SET: "This lot. Has it a last day? Type it as 2027-01-31.",
        Note.GOODS_DAY_SET: "The last day of this lot.",
        Note.GOODS_TYPED: "Scan YES if {item} is right.",
        Note.GOODS_UNKNOWN: "Nobody knows this code. Nothing was counted.",
        Note.GOODS_ONE_SHELF: "Count one product of one lot at a time. Put it back, go on.",
        Note.GOODS_SERIAL: "This very unit was counted. Scan the next one.",
        Note.GOODS_NOT_IN_BOX: "The box had fewer of it. Not counted: put it in the red bin.",
        Note.GOODS_SURPLUS: "More than the list says. It was counted.",
        Note.GOODS_GONE_WHO: "Only a supervisor may say that the rest is gone.",
        Note.NEW_LOAD: "Lane {item} has no load. Scan YES to begin one.",
        Note.WHICH_LOAD: "Lane {item} has several. Scan the code of one, or YES for another.",
        Note.NEW_LOAD_BEGINS: "A new load begins.",
        Note.PAPER_AGAIN: "Its paper prints once more.",
        Note.PAPER_WHICH: "Scan the code of the load whose paper is wanted again.",
        Note.NO_PAPER: "The server has no paper of this load.",
        Note.BEGIN_ALONE: "YES begins it without the server. OK goes back.",
        Note.LOAD_CODE: "Its load is opened.",
        Note.NO_PICKUP: "Here every parcel is scanned at the dock. Scan a lane.",
        Note.PICKUP_LANE: "Whose driver was here? Scan the lane.",
        Note.PICKUP_NONE: "Nothing of this lane waits for a driver.",
        Note.PICKUP_ASK: "Scan YES if its driver took all {total} parcels.",
        Note.CLOSE_REFUSED: "The server has not taken the close of load {item}. Call your lead.",
        Note.CLOSED_ALONE: "Closed without the server. It is told as soon as it answers.",
    }
)
"""What a verdict or a step says beyond its reason; the words of the server or of a device follow it."""

HEADINGS: Mapping[Note, Says] = MappingProxyType(
    {
        Note.UNKNOWN_BADGE: Says("BADGE NOT KNOWN", "", "WHOSE BADGE"),
        Note.DAY_OVER: Says("BADGE OF ANOTHER DAY", "", "OLD BADGE"),
        Note.PIN_LOCKED: Says("TOO MANY TRIES", "", "WAIT"),
        Note.NO_ROLE: Says("MAY NOT WORK HERE", "", "NOT HERE"),
        Note.REVOKED: Says("SIGNED OUT", "", "SIGNED OUT"),
        Note.IDLE: Says("SIGNED OUT", "", "SIGNED OUT"),
        Note.ELSEWHERE: Says("SIGNED OUT", "", "SIGNED OUT"),
        Note.ITEM_OF_TOTE: Says("SCAN AN ITEM OF IT", "", "SCAN ITEM"),
        Note.ATTACH_CODE: Says("TEACH A CODE", "", "SCAN CODE"),
        Note.ATTACH_ITEM: Says("TEACH A CODE", "", "SCAN ITEM"),
        Note.RELABEL_PARCEL: Says("WHICH LABEL?", "", "SCAN LABEL"),
        Note.REPRINT_WHICH: Says("WHICH LABEL?", "", "SCAN LABEL"),
        Note.RELABEL_WHY: Says("WHY ANOTHER LABEL?", "", "WHY?"),
        Note.RELABEL_BADGE: Says("SUPERVISOR'S BADGE", "", "SCAN BADGE"),
        Note.SUPERVISOR_NOW: Says("SUPERVISOR'S BADGE", "", "SCAN BADGE"),
        Note.RELEASE_ASK: Says("RELEASE IT?", "", "RELEASE?"),
        Note.OPEN_BADGE: Says("SUPERVISOR'S BADGE", "", "SCAN BADGE"),
        Note.KNOWN_NOW: Says("SCAN IT AGAIN", "", "SCAN AGAIN"),
        Note.AWAY: Says("SERVER AWAY", "", "SERVER AWAY"),
        Note.GOODS_ASK: Says("BOOK IT?", "", "BOOK IT?"),
        Note.GOODS_DROP: Says("DROP ALL OF IT?", "", "DROP IT?"),
        Note.GOODS_AWAY_KEPT: Says("NEEDS THE SERVER", "", "SERVER AWAY"),
        Note.GOODS_AWAY: Says("NEEDS THE SERVER", "", "SERVER AWAY"),
        Note.PALLET_ASK: Says("ALL OF IT?", "", "ALL OF IT?"),
        Note.PALLET_AWAY: Says("NEEDS THE SERVER", "", "SERVER AWAY"),
        Note.GOODS_TYPED: Says("RIGHT?", "", "RIGHT?"),
        Note.GOODS_REFUSED: Says("REFUSED", "", "REFUSED"),
        Note.NEW_LOAD: Says("NEW LOAD?", "", "NEW LOAD?"),
        Note.PAPER_WHICH: Says("WHICH LOAD?", "", "WHICH?"),
        Note.NO_PAPER: Says("NO PAPER", "", "NO PAPER"),
        Note.BEGIN_ALONE: Says("SERVER AWAY", "", "SERVER AWAY"),
        Note.PICKUP_LANE: Says("WHICH LANE?", "", "WHICH LANE"),
        Note.PICKUP_ASK: Says("ALL HANDED OVER?", "", "ALL GONE?"),
        Note.AWAY_CLOSE: Says("SERVER AWAY", "", "SERVER AWAY"),
        Note.CLOSE_REFUSED: Says("CLOSE REFUSED", "", "CALL LEAD"),
    }
)
"""What a note says in the place of its reason's title and word: what to do, where the reason alone tells nothing."""

AT_OUTSIDE = Ways("PARK puts this box aside   UNDO takes one unit out", "Scan the label on the box, or PARK.")
AT_QUEUE = Ways("DOCK loads a truck   SIGN OUT when you leave", "Scan an order here, or DOCK to load.")
AT_TOTE = Ways("a slip or another tote leaves this one", "Scan an item out of the tote, or a slip.")
AT_TOTE_END = Ways(
    "YES it is empty   or scan what is left in it", "Scan YES if the tote is empty, or what is left in it."
)
AT_PACK = Ways("UNDO takes one out   PROBLEM   PARK puts this box aside   HELP", "Finish this box or scan PARK first.")
AT_BOX = Ways("PARK puts this box aside   UNDO takes one out", "First do what the screen asks, or scan PARK.")
AT_STEPS = Ways("YES confirms   PARK puts this box aside", "First do what the screen asks, or scan PARK.")
AT_LABEL = Ways("PARK puts this box aside   REPRINT prints the label again", AT_PACK.instead)
AT_NO_LABEL = Ways("YES tries again   PARK puts this box aside", "Scan YES to try again, or PARK first.")
AT_LOBBY = Ways(
    "PALLET  RECEIVE  PUT BACK  TRANSFER OUT  TRANSFER IN  COUNT  PACK  SIGN OUT",
    "Scan a lane, or PACK to go back to packing.",
)
AT_LOAD = Ways("CLOSE ends it   UNLOAD   REMAINING   ASIDE DONE   PACK   SIGN OUT", "Scan a parcel or CLOSE.")
AT_CLOSE = Ways("OK goes back to loading   PACK goes back to packing", "Scan CLOSE again, or OK to go back to loading.")
AT_GOODS = Ways(
    "DONE books it   UNDO takes the last scan back   LOT   EMPTY drops it all",
    "Scan an item, DONE when that was all, or EMPTY to drop it.",
)
AT_GOODS_PAPER = Ways("OK goes back   PACK goes back to packing", "Scan the paper, or OK to go back.")
AT_GOODS_WAIT = Ways("PACK goes back to packing   SIGN OUT when you leave", "Wait until the server has answered.")
AT_GOODS_BOOKED = Ways("OK goes back to the dock   RECEIVE, COUNT and so on go on", "Scan OK to go back to the dock.")
AT_MODE = Ways("OK goes back to loading   CLOSE ends this load", "Scan a parcel, or OK to go back to loading.")
AT_LANE_ASKED = Ways("YES   OK goes back   PACK goes back to packing", "Scan YES, a lane, or OK to go back.")
AT_CLOSED = Ways(
    "OK or a lane goes on loading   REPRINT   PACK goes back to packing", "Scan a lane, or PACK to go back to packing."
)
"""What works on each screen beside its main scan. A person who is stuck looks for these words on the code sheet."""

READS: Mapping[str, str] = MappingProxyType(
    {
        "dropped": "The scanner lost part of the code. Scan it again.",
        "partial": "Only part of the code came. Scan it again.",
        "too_long": "The code is too long to be one. Scan it again.",
        "glued": "Two codes came as one. Scan one item at a time.",
        "truncated": "Only part of the code came. Scan it again.",
        "check_digit": "A digit was read wrong. Scan it again.",
        "separator_lost": "Lot and serial number ran together. Scan them one by one.",
    }
)
"""What was wrong with a bad read, by ``Flash.detail``, where it says more than the reason."""

BECAUSE: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.WRONG_LOT: "Put it back. Take lot {detail}.",
        Reason.UNKNOWN_LOT: "There is no lot {detail}. Scan the lot code on the item.",
        Reason.NEED_CONFIRM: "This order was given lot {detail}. Scan it again to take this one.",
        Reason.EXPIRED: "Its last day was {detail}.",
        Reason.SHORT_LIFE: "Its last day is {detail}. Take one that is good for longer.",
        Reason.LABEL_DIFFERS: "Label and book say {detail}. Do not pack it, call your lead.",
        Reason.KIT: "Scan its parts: {detail}.",
    }
)
"""What to do where the verdict's own fact makes it plainer; dates are ISO."""
REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "in_use": "{person} has order {order} at {bench} since {time}.",
        "silent": "{bench}, with order {order} of {person}, is not heard of since {heard}.",
        "never_heard": "{bench}, with order {order} of {person}, was never heard of.",
        "on_hold": "Order {order} is on hold: {held}.",
        "no_product": "Order {order} is on hold: no product has the SKU {skus}.",
        "cancelled": "Order {order} was cancelled.",
        "packed_by": "Order {order} was packed by {person} at {bench}, {time}.",
        "shipped_by": "Order {order} was packed by {person} at {bench}, {time}, and has left.",
        "packed": "Order {order} was packed elsewhere.",
        "shipped": "Order {order} has left already.",
        "no_stock": "Order {order} has no stock. The order desk must settle it.",
        "not_ready": "Order {order} is not ready yet.",
        "other_site": "Order {order} is not packed at {site}.",
        "picking": "Order {order} is being picked, in wave {wave}.",
        "no_order": "No order or parcel has this number.",
        "no_code": "No order, parcel or product has this code.",
        "no_single": "No order waits for one {item} alone.",
        "assigned": "Order {order} is assigned to {bench}, which is not heard of since {heard}.",
        "assigned_unheard": "Order {order} is assigned to {bench}, which was never heard of.",
        "waits": "Order {order} waits for a supervisor.",
        "old_label": "Order {order} has a label with its old address. Its box must be unpacked first.",
        "no_address": "The address of this order is not kept any more.",
        "tote_empty": "Tote {tote} holds no order that waits to be packed.",
        "tote_not_in": "No order in tote {tote} waits for this item.",
        "tote_item": "That is no item. Scan what still lies in the tote.",
        "teach_parcel": "That is the number of a parcel or pallet.",
        "teach_misread": "The code was misread. Scan it once more.",
        "teach_reserved": "That is a code of this site.",
        "teach_taken": "It already means {sku}.",
        "label_void": "The label of parcel {parcel} is void.",
        "label_none": "Parcel {parcel} has no label yet.",
        "label_done": "Order {order} has all its labels.",
        "label_outside": "Order {order} is only verified here. Print its label with the other tool and scan it.",
        "label_units": "The server has not seen every unit of order {order}.",
        "label_steps": "Not everything of order {order} is confirmed.",
        "label_hazmat": "{goods} may not go with {carrier} {service}.",
        "label_denied": "{carrier} does not let us in: {why}. Its account must be mended, then scan YES.",
        "label_refused": "{carrier} refused it: {why}",
        "label_away": "{carrier} does not answer. It is asked again.",
        "label_number": "{tracking} is the number of another parcel already. A supervisor must find out.",
        "stop_cancelled": "The order was cancelled.",
        "stop_cut": "Some of it was cancelled. Begin it again.",
        "stop_address": "Its address was changed after its label was bought.",
        "stop_substitute": "{substitute} goes in the box instead of {sku}.",
        "stop_hold": "The order is on hold: {held}.",
        "stop_taken": "{person} goes on with it at {bench}.",
        "stop_released": "{person} gave the order free.",
        "stop_elsewhere": "Another bench has the order.",
        "stop_packed": "It was packed at {bench} meanwhile.",
        "stop_open": "It is open at {bench} meanwhile.",
        "stop_site": "It went to another site meanwhile.",
        "stop_changed": "It was changed meanwhile.",
        "stop_label_twice": "Label {tracking} is on parcel {parcel} already. A supervisor must look.",
        "stop_differs": "The server does not agree with what was scanned. A supervisor must look.",
        "stop_forced": "A unit was verified by hand by somebody who may not. A supervisor must look.",
        "stop_serial": "Serial number {serial} of {sku} is somewhere else already. A supervisor must look.",
        "stop_opened": "The box was opened: {why}",
        "stop_goods": "Its goods are not on the shelf.",
        "stop_relabel": "It gets another label. Open it again: its box goes on.",
        "stop_moved": "It leaves from somewhere else now.",
        "goods_paper": "Nobody here knows the paper {ref}.",
        "goods_site": "Transfer {transfer} goes from {source} to {target}, not {site}.",
        "goods_left": "Transfer {transfer} has left already, or is over.",
        "goods_not_coming": "Transfer {transfer} is not on its way.",
        "goods_not_cancelled": "Order {order} is not cancelled. Its goods stay in the box.",
        "goods_nothing": "Nothing of order {order} is to be put back here.",
        "goods_not_in_box": "{units} of {sku} is more than the box of order {order} held.",
        "goods_not_free": "Of {sku} only {free} are free there. {promised} are promised.",
        "goods_who": "Only a supervisor may say that the rest is gone.",
        "goods_lot": "{sku} is kept by lot. Scan its lot.",
        "goods_serials": "Each of the {units} units of {sku} has a serial number. Scan it.",
        "load_over": "Load {load} is closed. What is late goes on another.",
        "load_none": "There is no such load at this site.",
        "load_counted": "{counted} parcels were counted, and there are {loaded} now.",
        "load_others": "Other parcels are ready by now than stood on the screen.",
        "load_badge": "Only a supervisor may close it like this.",
        "load_pull_first": "A cancelled parcel is on it. Pull it, or say that it cannot be reached.",
        "load_set_aside": "Parcels were set aside. Scan each where it belongs, or after ASIDE DONE.",
        "load_need_reason": "Parcels stay behind. Say why, once for all of them.",
        "load_not_packed": "Take off {tracking}. Its order {order} is not packed by now.",
        "pickup_scans": "{site} scans at its dock. Open a load and scan its parcels.",
        "no_carrier": "No carrier has the code {carrier}.",
        "may_not": "This badge may not do that.",
        "pallet_unknown": "There is no parcel {parcel} at this site.",
        "pallet_not_ready": "Parcel {tracking} is not ready to leave. Take it off the pallet.",
        "pallet_elsewhere": "Number {sscc} is on a pallet at {site}. Use another pallet label.",
        "pallet_prefix": "{site} gives its pallets no numbers of its own. Scan the label of a pallet.",
        "pallet_sscc": "{sscc} is no number of a pallet. It has 18 digits.",
        "reprint_several": "Order {order} has several boxes. Type the number of one: {parcels}.",
        "reprint_outside": "The label of order {order} comes from another tool. Print it there again.",
        "reprint_none": "Order {order} has no label here yet.",
        "reprint_left": "Parcel {parcel} has left.",
        "reprint_moved": "The address of parcel {parcel} changed: it needs another label. Call your lead.",
        "relabel_left": "Order {order} has left. Its carrier must stop parcel {parcel}.",
        "order_which": "{wanted} is the number of several orders: {numbers}. Scan its slip.",
        "sent_wrong": "Order {order} was sent wrong by its channel. The order desk must settle it.",
        "no_product_here": "There is no product {sku}.",
        "person_gone": "Nobody here has the badge that packed this. Call your lead.",
        "tote_code": "That is no code of a tote. Scan the label of the tote.",
        "teach_no_code": "That cannot be a barcode. It is too long, or empty.",
        "label_unheard": "The server does not know this box. Scan CALL.",
        "label_no_way": "No carrier may take this box: {why}",
        "label_retired": "{carrier} takes no new parcels from here. Scan CALL.",
        "goods_units": "{units} of {sku} at once cannot be. Count again.",
        "goods_no_lot": "{sku} is not kept by lot. Scan it without lot {lot}.",
        "goods_day": "{sku} expires. Scan LOT, then type the last day of lot {lot}.",
        "goods_day_differs": "Lot {lot} of {sku}: the book says {known}, and here it says {found}. Call your lead.",
        "goods_expired": "Lot {lot} of {sku} expired on {day}. Put it in the red bin.",
        "goods_no_serials": "{sku} has no serial numbers. Scan its barcode.",
        "goods_serial_here": "Serial number {serial} of {sku} is in the house already. Call your lead.",
        "goods_serial_unknown": "No unit of {sku} with serial number {serial} is here.",
        "goods_bad_lot": "{text} cannot be a lot or a serial number. Scan it once more.",
        "goods_bad_day": "{text} is no day. Type it as 2027-01-31.",
        "goods_moved": "{sku} moved while you counted. Count it again.",
        "goods_picked": "{sku} is being fetched for {orders}. Count it when the tote is back.",
        "goods_one_product": "Count one product at a time.",
        "goods_twice": "This was booked before, with other goods. Call your lead.",
        "goods_lot_unknown": "{sku} has no lot {lot} here.",
        "goods_lines": "Too many products at once, or none. Book up to {most}, then the rest.",
        "goods_none_out": "Nothing was scanned on to the truck.",
        "goods_moved_on": "This transfer has moved on meanwhile. Drop the list and begin again.",
        "goods_none": "Less than one unit cannot be booked. Count again.",
        "goods_too_few": "The book has fewer of {sku} than that. Count its shelf.",
        "goods_meanwhile": "The stock changed meanwhile. Scan DONE again.",
        "server_busy": "The server cannot do this now. Scan it again in a moment.",
        "server_fault": "A fault in the server, number {request}. Nothing was done. Call your lead.",
    }
)
"""Why the server refuses or stops something; facts between braces."""
QUOTED = "{words}"
"""The own words of a server, for which there is no sentence here; other languages say whose they are."""
DOCK_SAYS: Mapping[str, str] = MappingProxyType(
    {
        "dock_where": "It went on as number {position} of {of}, at {time}.",
        "dock_loaded_by": "{by} loaded it at {time}. Go on.",
        "dock_on_other": "It is on {where}. Set it aside.",
        "dock_on_other_there": "It is on {where}, at {dock}. Set it aside.",
        "dock_planned": "Set it aside for {where}.",
        "dock_planned_there": "Set it aside for {where}, at {dock}.",
        "dock_carrier": "Set it aside for {carrier}.",
        "dock_carrier_there": "Set it aside for {carrier}: {where}, at {dock}.",
        "dock_service": "{service}: set it aside for {where}.",
        "dock_service_there": "{service}: set it aside for {where}, at {dock}.",
        "dock_service_none": "{service}: set it aside, no open load takes it.",
        "dock_void_label": "Set it aside. Its new number is {other}.",
        "dock_pallet_refused": "Take off first: {other}",
        "dock_follows": "It left without this dock. What you scanned since is on {load}: CLOSE if gone, else UNLOAD.",
        "dock_seen": "Set it aside. Last seen at {dock}, {time}, by {by}.",
    }
)
"""What a refusal at the dock tells beyond its reason; facts between braces."""
HELD: Mapping[str, str] = MappingProxyType(
    dict(defects.DEFECT_CODES) | {"at_bench": "a bench held it", "address_changed": "its address changed"}
)
"""Why an order is on hold."""

QUANTITIES: Mapping[str, str] = MappingProxyType(
    {
        "text": "That is no number. Type how many, in digits.",
        "decimal": "Only whole units. Type how many.",
        "negative": "Less than nothing cannot be packed. UNDO takes one out.",
        "zero": "None is no quantity. UNDO takes one out.",
        "too_many": "The box needs fewer. Count again.",
    }
)
"""Why a typed quantity is refused."""

DEVICES = ("server", "scanner", "printer", "scale")
LAMPS: Mapping[State, str] = MappingProxyType(
    {
        State.READY: "ready",
        State.OK: "ok",
        State.SLOW: "slow {time}",
        State.AWAY: "off {time}",
        State.NEVER: "never reached {time}",
        State.NOT_ADMITTED: "not admitted {time}",
        State.REFUSED: "{count} refused",
        State.OUTSIDE: "ok, internet off to",
        State.KEYBOARD: "keyboard",
        State.NONE: "none",
        State.NOT_CONNECTED: "not connected",
        State.BUSY: "in use by another program",
        State.BROKEN: "does not work",
        State.QUIET: "last scan {time} ago",
        State.UNHEARD: "not heard yet",
        State.NO_PRINTER: "no printer",
        State.KEPT_BACK: "{count} kept back",
        State.NEEDS_HAND: "",
        State.REDIRECTED: "prints at",
        State.PRINTS_FOR: "prints for",
        State.UNASKED: "not asked",
        State.SPOOL: "cannot keep labels:",
        State.OVER: "overloaded",
        State.UNDER: "below zero",
        State.FAULT: "fault",
        State.ASLEEP: "asleep",
    }
)
"""Beside the shape of a light; the words of the device follow."""

STAGES: Mapping[LabelStage, Says] = MappingProxyType(
    {
        LabelStage.NONE: Says("PACK", "Scan every item as it goes into the box.", "SCAN ITEMS"),
        LabelStage.CHECKED: Says("ALL CHECKED", "Close the box. The label comes by itself.", "CLOSE THE BOX"),
        LabelStage.BUYING: Says("BUYING THE LABEL", "Close the box. Please wait for the label.", "BUYING LABEL"),
        LabelStage.PRINTING: Says("PRINTING", "Wait for the label, then stick it on the box.", "PRINTING"),
        LabelStage.SCAN_LABEL: Says("LAST STEP", "Stick the label on this box and scan it there.", "SCAN THE LABEL"),
        LabelStage.OUTSIDE: Says(
            "ALL CHECKED", "Print its label with the other tool, stick it on this box, scan it there.", "SCAN THE LABEL"
        ),
        LabelStage.FAILED: Says("NO LABEL", "Scan YES to try again, or PARK to pack on.", "NO LABEL"),
    }
)

_NOT_YET = "NOT PRINTED YET"
PRINTER_NEEDS: Mapping[str, Says] = MappingProxyType(
    {
        "out of labels": Says(_NOT_YET, "Load labels into the printer.", "LOAD LABELS"),
        "print head open": Says(_NOT_YET, "Close the print head of the printer.", "CLOSE THE HEAD"),
        "out of ribbon": Says(_NOT_YET, "Load ribbon into the printer.", "LOAD RIBBON"),
        "paused": Says(_NOT_YET, "Press PAUSE on the printer.", "PRESS PAUSE"),
        "head too cold": Says(_NOT_YET, "Wait until the printer is warm.", "PRINTER COLD"),
        "head too hot": Says(_NOT_YET, "Wait until the printer has cooled down.", "PRINTER HOT"),
        "cover open": Says(_NOT_YET, "Close the cover of the printer.", "CLOSE COVER"),
        "memory full": Says(_NOT_YET, "Wait a moment. Else switch the printer off and on again.", "PRINTER FULL"),
        "memory": Says(_NOT_YET, "Switch the printer off and on again.", "OFF AND ON"),
        "cutter jammed": Says(_NOT_YET, "Clear the cutter of the printer, then press FEED.", "CUTTER"),
        "half a label": Says(_NOT_YET, "Switch the printer off and on again.", "OFF AND ON"),
        "does not answer": Says(_NOT_YET, "Check labels, ribbon and print head of the printer.", "CHECK PRINTER"),
        "answers strangely": Says(
            _NOT_YET, "The printer is set up wrongly. Scan PRINTER, or call your lead.", "CALL LEAD"
        ),
        "with an error": Says(_NOT_YET, "Read its display. Else switch the printer off and on again.", "PRINTER ERROR"),
        "cannot be reached": Says(_NOT_YET, "Switch the printer on. Check its cable.", "PRINTER OFF"),
        "switched off": Says(_NOT_YET, "Switch the printer on.", "PRINTER OFF"),
        "": Says(_NOT_YET, "Look at the printer: is it on, with labels in it and nothing open?", "CHECK PRINTER"),
    }
)
"""What to do when a label cannot print, by what is found in the printer's own words; the first that is found counts."""

SYSTEM: Mapping[str, str] = MappingProxyType(
    {
        "database or disk is full": "the disk is full",
        "No space left on device": "the disk is full",
        "attempt to write a readonly database": "the disk takes nothing any more",
        "Read-only file system": "the disk takes nothing any more",
        "disk I/O error": "the disk does not work",
        "Input/output error": "it does not work",
        "Permission denied": "this station may not use it",
        "No such file or directory": "it is not there",
        "another station is using it": "another station uses it",
        "Connection refused": "nobody answers there",
        "No route to host": "no way leads there",
        "timed out": "it took too long",
    }
)
"""What the system says of a disk, a device or a line, in words of the floor."""

TROUBLES: Mapping[str, str] = MappingProxyType({trouble.value: trouble.value for trouble in Trouble})
"""What a printer says of itself, by the words of ``printing.printers.troubles``."""

STEP_KINDS: Mapping[StepKind, Says] = MappingProxyType(
    {
        StepKind.SECOND_LOOK: Says("PERSONALISED", "Compare it letter by letter, then scan YES.", "LOOK AGAIN"),
        StepKind.HAZMAT: Says("DANGEROUS GOODS", "Stick the hazard label on the box, then scan YES.", "HAZARD"),
        StepKind.NOTE: Says("NOTE", "Do what it says, then scan YES.", "READ THIS"),
        StepKind.GIFT: Says("GIFT MESSAGE", "Put the message in the box, then scan YES.", "GIFT"),
        StepKind.INSERT: Says("INSERT", "Put it in the box, then scan YES.", "PUT IN"),
        StepKind.BOX: Says("BOX", "Scan the box you use, or NO BOX where it goes as it is.", "SCAN BOX"),
        StepKind.CLOSE: Says("OPEN BOX", "Close the box again, then scan YES.", "CLOSE IT"),
        StepKind.WEIGHT: Says("WEIGHT", "Put this box on the scale, and nothing else.", "WEIGH IT"),
    }
)
"""What is open before a box closes."""
SCALE_DO: Mapping[State, str] = MappingProxyType(
    {
        State.NOT_CONNECTED: "The scale does not answer: check its switch and its cable.",
        State.BUSY: "Another program uses the scale. Call your lead.",
        State.BROKEN: "The scale cannot be read. Call your lead.",
        State.ASLEEP: "The scale is asleep: press its button.",
        State.OVER: "The scale is overloaded: take the box off.",
        State.UNDER: "Take everything off the scale and press its zero key.",
        State.FAULT: "The scale reports a fault: switch it off and on with nothing on it.",
    }
)
"""What to do where a weight is wanted and the scale gives none."""
STILL_OPEN = "OPEN"
FETCH = "▲"
MORE_NOTES = "▲ There is more to know than fits here. Scan CALL before you pack."
SCAN_AGAIN = "Scan that line again."
STEPS = ("checked", "buying", "printing", "scan label")
STEPS_ALLOTTED = ("checked", "allotted", "printing", "scan label")
BOUGHT: Mapping[Bought, str] = MappingProxyType(
    {
        Bought.NOT_BOUGHT: "○ label not bought",
        Bought.CHECKING: "▲ checking if the label was bought",
        Bought.ALLOTTED: "◆ label allotted beforehand",
        Bought.BOUGHT: "● label bought",
    }
)
LIGHTS: Mapping[Light, str] = MappingProxyType({Light.OK: "●", Light.LOOK: "▲", Light.OFF: "○"})

MODES: Mapping[Mode, str] = MappingProxyType(
    {Mode.BLOCK: "", Mode.WARN: "ONLY WARNS", Mode.VERIFY_ONLY: "ONLY VERIFIES"}
)
"""Of a bench that does not work as usual; in its status line."""

CALLED = "called"
HELP_TITLE = "WHAT CAN BE SCANNED NOW"
HELP_PLAIN: Mapping[str, str] = MappingProxyType(
    {
        "sign_in": "your badge: signs you in",
        "queue": "a slip, a tote, a parcel or an item: opens its order",
        "pack": "an item: counts it",
        "label": "the label on the box: closes it",
        "lobby": "a lane: opens its load",
        "dock": "a parcel: puts it on the truck",
        "pallet": "a parcel: stands on this pallet",
        "goods": "an item: counts it; a number after it: so many of it",
    }
)
"""What is scanned here that is no command."""

HELP_CODES: Mapping[Command, str] = MappingProxyType(
    {
        Command.OK: "clears a stop, drops a question",
        Command.YES: "answers a question on the screen, or tries again",
        Command.PARK: "puts this box aside; its slip brings it back",
        Command.REPRINT: "prints the label once more",
        Command.UNDO: "takes one unit out; then UNDO again, or the item",
        Command.PROBLEM: "goods are not right; then what is wrong",
        Command.CALL: "somebody comes; again takes it back",
        Command.HELP: "this page",
        Command.PRINTER: "paper prints at the next printer; in the end here again",
        Command.EMPTY: "takes all out; then EMPTY again, or one item",
        Command.HOLD: "the order waits for your lead",
        Command.FORCE: "verifies one unit by hand; a right of its own",
        Command.ATTACH: "teaches an unknown code; a right of its own",
        Command.DOCK: "load a truck",
        Command.PACK: "pack orders",
        Command.CLOSE: "ends this load; again closes it",
        Command.TAKE_OVER: "takes an order that another bench has",
        Command.RELABEL: "another label for a box; then its label, and why",
        Command.SIGN_OUT: "when you leave",
        Command.PALLET: "parcels are put on a pallet",
        Command.RECEIVE: "a delivery is counted",
        Command.PUT_BACK: "a cancelled box goes back to the shelf",
        Command.TRANSFER_OUT: "goods leave for another site",
        Command.TRANSFER_IN: "goods come from another site",
        Command.COUNT: "one product on one shelf is counted",
        Command.LOT: "the lot of what was scanned last",
        Command.DONE: "that was all; again books it",
        Command.UNLOAD: "the next parcel comes off the truck",
        Command.REMAINING: "scan what stays; the rest is on the truck",
        Command.ASIDE_DONE: "scan what was set aside and is off the truck",
        Command.PICKUP: "a driver took everything of a lane",
        Command.CANNOT_REACH: "a cancelled parcel is too deep in the truck",
    }
)

SIGN_IN = "SCAN YOUR BADGE"
SIGN_IN_WHY = "Everything you pack here carries your name."
PIN_NOW = "PIN"
PIN_HOW = "Type it and press Enter, or scan its digits and OK. Another badge signs in somebody else."
SCAN_ORDER = "SCAN AN ORDER"
SCAN_ORDER_HOW = "Scan a slip, a tote, or an item of an order of one. Or type a number."
ITEM_OUT_OF = "SCAN AN ITEM OUT OF TOTE"
TOTE_EMPTY = "IS THIS TOTE EMPTY?"
OPENING = "OPENING"
WAITING = "WAITING"
NOT_KNOWN_YET = "NOT KNOWN YET"
WAITING_NOT_KNOWN = "The server has not said yet what waits."
NOTHING_WAITING = "Nothing waits. Orders show up here by themselves."
NOTHING_GIVEN = "The server is away, and it gave this bench no orders beforehand."
NEXT_ORDERS = "NEXT ORDERS"
PARKED = "PARKED: SCAN ITS SLIP"
PARKED_BY_HAND = "waits for its label"
SCAN_NEXT = "SCAN"
MORE = "MORE"
SHELF = "shelf"
LOT = "lot"
SCAN_ITS_LOT = "SCAN THE LOT OF"
SCAN_ITS_SERIAL = "SCAN THE SERIAL NUMBER OF"
LOOK_ALIKE = "▲ LOOKS LIKE OTHERS"
BOX = "box"
NOTE = "!"
YOU_HAVE = "YOU HAVE"
TAKE_OUT = "TAKE OUT"
SCAN_OUT = "Scan each of these as you take it out of the box."
NEW_LINES = "NEW"
STILL_NEEDS = "THIS BOX STILL NEEDS"
WANTED_BY = "It belongs to:"
NEEDS_NOTHING = "This box needs nothing more."
WAY_OUT = "Then scan OK on the red bin, press the pedal, or press Enter."
WAY_OUT_ENDS = "Then scan OK, press the pedal, or press Enter. This box is closed here."
WAY_OUT_DOCK = "Take it off the truck. Then scan OK, press the pedal, or press Enter."
GOODS_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "receive": "DELIVERY",
        "put-back": "PUT BACK",
        "send": "TRANSFER OUT",
        "arrive": "TRANSFER IN",
        "count": "COUNT OF A SHELF",
    }
)
"""What is counted."""
GOODS_SCAN: Mapping[str, str] = MappingProxyType(
    {
        "receive": "SCAN THE NOTE",
        "put-back": "SCAN THE BOX",
        "send": "TRANSFER NUMBER",
        "arrive": "TRANSFER NUMBER",
        "count": "SCAN AN ITEM",
    }
)
GOODS_PAPERS: Mapping[str, str] = MappingProxyType(
    {
        "receive": "Scan or type the number of the delivery. Without one, scan the first item.",
        "put-back": "Scan the label of the cancelled box, or its order. Then every item that comes out.",
        "send": "Scan or type the number of the transfer. Then every item that goes on the truck.",
        "arrive": "Scan or type the number of the transfer. Then every item that comes off the truck.",
        "count": "Scan each unit of one product on one shelf. A case counts all that is in it.",
    }
)
GOODS_DO = "Scan every item. A number after it: so many of it. Scan DONE at the end."
PALLET = "PALLET"
PALLET_SCAN = "SCAN ITS CODE"
PALLET_HOW = "Scan the code on the pallet's label, or YES for a new one. Then every parcel that stands on it."
PALLET_DO = "Scan each parcel on the pallet. DONE at the end."
PALLET_AGAIN = "Scan DONE again to confirm. A parcel goes on."
ON_PALLET = "ON THE PALLET"
AT_PALLET = Ways("DONE ends it   UNDO takes the last one off   EMPTY drops it", "Scan a parcel, DONE, or EMPTY.")
AT_PALLET_CODE = Ways(
    "YES prints a new label   OK goes back   PACK goes back to packing",
    "Scan the code of the pallet, or OK to go back.",
)
GOODS_LOT_DO = "LOT: scan the label with the lot, or type it. OK goes back."
GOODS_ASKS = "ONE MOMENT"
GOODS_BOOKING = "BOOKING"
GOODS_BOOKED = "BOOKED"
GOODS_WAIT = "The server is asked."
GOODS_KEPT = "The server does not answer. What was counted is kept, and booked by itself when it does."
COUNTED = "COUNTED"
STILL_MISSING = "MISSING"
TOO_MANY = "TOO MANY"
BY_THE_BOOK = "BY THE BOOK"
WHICH_TRUCK = "WHICH TRUCK?"
WHICH_TRUCK_HOW = "Scan the code of its load, on the paper at the trailer. YES begins another one."
NEW_LOAD = "NEW LOAD?"
BEGIN_ALONE = "SERVER AWAY"
WHICH_PAPER = "WHICH LOAD?"
WHICH_PAPER_HOW = "Scan the code of the load, from its manifest. Its paper prints once more. OK goes back."
PICKUP_HOW = "Scan YES if the driver took all of them. OK goes back."
PICKUP_LANE_HOW = "Whose driver was here? Scan the code of that lane."
MUST_LEAVE = "WAITS FOR A TRUCK"
LOAD_STATES: Mapping[LoadState, str] = MappingProxyType(
    {
        LoadState.PLANNED: "planned",
        LoadState.OPEN: "loading",
        LoadState.CLOSING: "closing",
        LoadState.CLOSED: "closed",
    }
)
MODES_DO: Mapping[DockMode, str] = MappingProxyType(
    {
        DockMode.LOAD: "Scan every parcel as it goes on. Scan CLOSE when the truck is full.",
        DockMode.UNLOAD: "UNLOAD: the next parcel you scan comes off the truck.",
        DockMode.REMAINING: "REMAINING: scan every parcel that stays here. Then CLOSE.",
        DockMode.ASIDE: "ASIDE DONE: scan each parcel that lies aside, off the truck. OK ends it.",
    }
)
"""What the next parcel means."""
STAYS = "STAYS HERE"
PARTLY = "partly loaded:"
ASSUMED = "ASSUMED"
THE_REST = "THE REST IS ON IT?"
CLOSE_ALONE = "SERVER AWAY"
CLOSE_ALONE_HOW = "Scan YES to close without it: it hears of it later. CLOSE tries again, OK goes back to loading."
LEFT_REASONS: Mapping[LeftReason, str] = MappingProxyType(
    {
        LeftReason.NO_SPACE: "no space on the truck",
        LeftReason.NOT_FOUND: "not found",
        LeftReason.NOT_IN_TIME: "not ready in time",
        LeftReason.DAMAGED: "damaged",
        LeftReason.DRIVER_LEFT: "the driver had to leave",
        LeftReason.NEXT_LOAD: "goes with the next load",
        LeftReason.OTHER: "something else",
    }
)
"""Why parcels stay; the number on the screen is the place here."""
CARRIER_CLOSE: Mapping[str, str] = MappingProxyType(
    {
        "asking": "▲ carrier: not reached yet, asked again by itself",
        "pending": "▲ carrier: told, has not accepted yet",
        "closed": "● carrier: accepted",
        "refused": "▲ carrier: refused.",
    }
)
SCAN_LANE = "SCAN A LANE"
SCAN_LANE_HOW = "Scan the code above the lane you load. It opens the load of that carrier."
NO_LANES = "This dock knows no lane yet."
LOADED = "LOADED"
LEFT = "LEFT"
LOAD_OF = "load"
DOCK = "dock"
ASIDE = "SET ASIDE"
SET_ASIDE = "SET ASIDE, NOT FOR THIS TRUCK"
MISSING = "NOT LOADED YET"
MISSING_AT_CLOSE = "MISSING"
NONE = "none"
LOADED_NOW = "On the truck."
DOCK_DO = "Scan every parcel as it goes on. Scan CLOSE when the truck is full."
CLOSE_ASK = "CLOSE IT?"
CLOSE_AGAIN = "Scan CLOSE again to confirm. Any parcel scan goes back to loading."
CLOSING = "CLOSING"
CLOSING_WAIT = "The server freezes the manifest. Please wait."
CLOSED = "CLOSED"
ON_TRUCK = "ON THE TRUCK"
CLOSED_DO = "The truck may go. Scan a lane for the next load, or PACK to pack."
MANIFEST = "manifest saved:"
MANIFEST_PRINTS = "● manifest prints:"
STOCK_TOLD = "● new stock told to all channels"
STOCK_NOT_TOLD = "▲ new stock: still telling the channels"
UNSENT = "unsent"
TYPED_MARK = "(typed)"
LINE_FULL = "That line is full."
BOX_DONE = "Done."
HOLD_BADGE = "Hold your badge under the scanner."
SECONDS = "s"
TYPED = "typed:"
NEXT_HINT = "next:"
HINT_STOP = "press Enter, or type PPC-OK and press Enter"
HINT_WAIT = "wait a moment"
HINT_STEP = "do what the screen asks; YES is PPC-YES"
HINT_DONE = "that was all. Press Ctrl-C twice to end"
CLOCK_UNSET = "clock not set"
NO_SOUND = "No sound card: the terminal's bell rings."
QUIT_AGAIN = "Press Ctrl-C again to stop this station."
GUIDE_TITLE = "PACKPROOF"
GUIDE_HEAD = "Two minutes, one order, one truck. This is all you do:"
GUIDE_GO = "Scan anything or press Enter to begin."


def stays_open(number: str) -> str:
    """A box stands here while nobody is signed in."""
    return f"Box {number} stands here open. Your badge takes it over."


def pace(orders: int, units_: int, caught: int) -> str:
    """What a person did, told to nobody but them."""
    done = f"Today: {plural(orders, 'order')}, {units(units_)}."
    return f"{done} {plural(caught, 'mistake')} caught before anything left." if caught else done


def of(done: int, total: int) -> str:
    """Counts of one line."""
    return f"{done} of {total}"


def units_to_go(count: int, total: int) -> str:
    """What is open of the whole order."""
    return f"{count} of {total} units to go"


def part_of(kit: str) -> str:
    """A component under its kit."""
    return f"part of {kit}"


def below(line_count: int, unit_count: int) -> str:
    """What the list does not show."""
    return f"▼ {lines(line_count)}, {units(unit_count)} below"


def above(line_count: int, unit_count: int) -> str:
    """What the list does not show, above."""
    return f"▲ {lines(line_count)}, {plural(unit_count, 'open unit')} above"


def plural(count: int, one: str) -> str:
    """A count with its word."""
    return f"{count} {one}" if count == 1 else f"{count} {one}s"


def units(count: int) -> str:
    """Things to pack."""
    return plural(count, "unit")


def lines(count: int) -> str:
    """Lines of an order."""
    return plural(count, "line")


def and_more(count: int) -> str:
    """The rest of a list."""
    return f"and {count} more"


def which_item(problem: Reason) -> Says:
    """What is wrong was scanned; the item is not known yet."""
    return Says(
        f"{REASONS[problem].title}: WHICH ITEM?", "Scan it. No item: the same code again. OK goes back.", "WHICH ITEM?"
    )


def not_counted(names: tuple[str, ...]) -> str:
    """Scans made while stopped: how many, and each thing once with its count, the latest first."""
    if not names:
        return "Nothing was scanned since."
    grouped = Counter(reversed(names)).items()
    return f"NOT COUNTED: {len(names)} · " + ",  ".join(f"{n} × {name}" if n > 1 else name for name, n in grouped)


def wanted(orders: Iterable[tuple[str, str, str]]) -> str:
    """Whose item it is, from (number, bench, tote); empty where nobody knows."""
    said = [
        f"{number} {f'at {bench}' if bench else f'in tote {tote}' if tote else 'parked here'}"
        for number, bench, tote in orders
    ]
    return f"{WANTED_BY} {', '.join(said)}" if said else ""


def because(reason: Reason, detail: str) -> str:
    """What a fact of the verdict adds; empty where it adds nothing."""
    if reason is Reason.BAD_QUANTITY:
        return QUANTITIES.get(detail, "")
    if reason is Reason.BAD_READ:
        return READS.get(detail, "")
    return BECAUSE[reason].format(detail=detail) if detail and reason in BECAUSE else ""


def destroy_label(tracking: str) -> str:
    """A box that ended although its label was bought."""
    return f"Its label {tracking} is bought: destroy it, whether it is on the box or still in the printer."


def case_too_large(case: int, wanted: int) -> Says:
    """A case of the right item with more in it than the box needs."""
    title = f"CASE TOO LARGE: a case of {case}, the box needs {wanted}"
    return Says(title, "Put the case in the red bin. Scan single units instead.", "TOO LARGE")


def stage(at: LabelStage, detail: str = "") -> Says:
    """What to do now; while nothing prints that is about the printer."""
    if at is LabelStage.PRINTING and detail:
        return next(says for words, says in PRINTER_NEEDS.items() if words in detail)
    return STAGES[at]


def fetch(bench: str) -> str:
    """Where the label of the open box comes out, when that is another bench."""
    return f"Its label prints at {bench}: fetch it there. A slip with the number of this order lies before it."


def just_closed(number: str) -> str:
    """The order that is done."""
    return f"✔ {number} is packed and labelled"


def told(channel: str, done: int, total: int) -> str:
    """How far a channel knows the tracking numbers."""
    return f"{'●' if done >= total else '▲'} {channel}: {done} of {plural(total, 'parcel')} told"


def plus(count: int) -> str:
    """Before the first of several lines: how many follow it."""
    return f"+{count}  "


def ago(count: float) -> str:
    """How long something has waited."""
    return span(max(0.0, count))


def span(count: float) -> str:
    """Seconds as the two figures a person needs."""
    minutes = int(count // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d}" if hours < 48 else f"{hours // 24} days"


def until(count: float, carrier: str = "") -> str:
    """Time to the carrier's cut-off."""
    to = f" to {carrier}" if carrier else ""
    return f"{span(count)}{to}" if count >= 0 else f"▲ LATE {span(-count)}"


def parked_why(reason: Reason, to_go: int) -> str:
    """Why a box waits; one put aside by hand says how many units it still lacks."""
    # A box parked while its label was being bought is no different to the packer.
    if reason in ENDS_SESSION:
        return f"{REASONS[reason].title.lower()}: pull it"
    if reason not in (Reason.OK, Reason.NOT_READY):
        return REASONS[reason].title.lower()
    return f"{units(to_go)} to go" if to_go else PARKED_BY_HAND


def lamp(shown: Lamp) -> str:
    """The words beside a light."""
    known = LAMPS[shown.state].format(time=brief(shown.number), count=f"{shown.number:.0f}")
    return " ".join(part for part in (known, shown.words) if part)


def clock(ahead: float) -> str:
    """By how much this bench's clock is wrong, in seconds; empty for 0."""
    return f"clock {brief(abs(ahead))} {'fast' if ahead > 0 else 'slow'}" if ahead else ""


def brief(seconds: float) -> str:
    """A time in one figure."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def then(steps: str) -> str:
    """What follows the open step."""
    return f"then: {steps}"


def pack_as(profile: str) -> str:
    """The channel's way of packing."""
    return f"Pack as: {profile}"


def or_scan(do: str, code: str) -> str:
    """What confirms a step with a code of its own."""
    return f"{do.removesuffix('.')}, or scan {code}."


def box_number(number: int, total: int | None) -> str:
    """Which box, of an order in several."""
    return f"BOX {number} OF {total}" if total else f"BOX {number}"


def weight_off(off: int, units: int, item: str) -> str:
    """How much a box is off, in grams, and what probably causes it."""
    much = f"{abs(off)} g {'light' if off < 0 else 'heavy'}"
    if not item:
        return f"{much}."
    return f"{much}: probably {units} × {item} {'missing' if off < 0 else 'too many'}."


def weight_do(reason: Reason) -> str:
    """What to do about a weight that is not right."""
    if reason is Reason.OVERWEIGHT:
        return "Take something out with UNDO, or take the next box."
    return "Check the box and weigh it again. A supervisor's badge lets it pass."


def goods_ask(kind: str, missing: int) -> str:
    """Before goods are booked: what a second DONE means."""
    if not missing:
        return "All counted? Scan DONE again to book it. Any item goes on counting."
    rest = {
        "put-back": f"{units(missing)} stay out of sale. Not in the box at all? A supervisor scans MISSING.",
        "arrive": f"{units(missing)} did not come: they will be booked as lost.",
    }.get(kind, f"{units(missing)} of the list are missing.")
    return f"{rest} Scan DONE again to book it."


def goods_after(kind: str, missing: int) -> str:
    """After goods were booked: what there is to know."""
    if kind == "put-back":
        return "They are for sale again." if not missing else f"{units(missing)} are still not put back."
    return {"arrive": "What did not come is on record.", "send": "The truck may go."}.get(
        kind, "The stock is right now."
    )


def parcels(count: int) -> str:
    """Boxes with a label."""
    return plural(count, "parcel")


def loaded_of(count: int) -> str:
    """What is on a load."""
    return f"{count} on it"


def pickup_word(count: int) -> str:
    """How many a driver is said to have taken."""
    return f"ALL {count} GONE?"


def begin_alone_how(what: str, at: str) -> str:
    """A lane or a load, with no server in sight; ``at`` is when it was last heard."""
    return f"{what}: parcels and cancels are known up to {at}. YES loads it; the server hears of it later."


def begin_alone_which(what: str, at: str) -> str:
    """As before, of a lane that has several loads."""
    return f"{what}: known up to {at}. Scan the code of its load, or YES for another one. The server hears of it later."


def new_load_how(lane: str) -> str:
    """A lane without a load."""
    return f"{lane} has no load here. Scan YES to begin one, or another lane."


def leave_today(count: int) -> str:
    """Parcels whose ship-by is today."""
    return f"{plural(count, 'parcel')} must leave today"


def not_ready(count: int) -> str:
    """Labels of this carrier that nobody has scanned on a box."""
    return f"{count} not packed yet"


def pull(order: str, tracking: str, position: int, total: int, at: str) -> str:
    """A cancelled parcel that is on the truck, and where in it."""
    return f"Order {order} was cancelled: take off {tracking}, {position} of {total}, {at}. Scan it, or CANNOT REACH."


def assume_how(count: int) -> str:
    """What remains was scanned; the others are said to be loaded."""
    return f"A supervisor's badge says that the other {count} are on the truck. Each is listed as assumed."


def because_left(reason: str) -> str:
    """Why parcels stay."""
    return f"They stay because: {reason}. Another number changes it."


def closed_alone(at: str) -> str:
    """A load that left before the server heard of it."""
    known = f" Cancels are known up to {at}." if at else ""
    return f"▲ Closed without the server.{known} It is told by itself when it answers."
