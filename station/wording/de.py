"""German, as it is spoken on the floor. The codes keep the English words that are printed on their sheet."""

from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from server.domain.benchwork.reasons import ENDS_SESSION, Reason
from server.domain.benchwork.scans import Command
from server.domain.dock.values import DockMode, LeftReason, LoadState
from server.domain.packing.order import Mode
from server.domain.packing.wants import StepKind
from station.views import Bought, LabelStage, Lamp, Light, Note, State
from station.wording import en
from station.wording.says import Says, Ways

REASONS: Mapping[Reason, Says] = MappingProxyType(
    {
        Reason.OK: Says("OK", "Weiter.", "OK"),
        Reason.REPEAT: Says("ZWEIMAL GESCANNT", "Es zählt einmal. Weiter.", "DOPPELT"),
        Reason.WRONG_ITEM: Says("FALSCHER ARTIKEL", "Leg ihn in den roten Korb.", "FALSCH"),
        Reason.OVER_QUANTITY: Says("EINER ZU VIEL", "Davon ist genug im Karton. Leg ihn in den roten Korb.", "ZU VIEL"),
        Reason.UNKNOWN_CODE: Says("UNBEKANNTER CODE", "Scanne den Strichcode auf dem Artikel.", "UNBEKANNT"),
        Reason.BAD_READ: Says("SCHLECHT GELESEN", "Nicht gezählt. Scanne noch einmal.", "NOCH EINMAL"),
        Reason.NOT_NOW: Says("JETZT NICHT", "Dieser Code sagt hier nichts.", "JETZT NICHT"),
        Reason.NEED_LOT: Says("CHARGE FEHLT", "Scanne die Charge dieses Artikels.", "CHARGE"),
        Reason.NEED_SERIAL: Says("SERIENNUMMER FEHLT", "Scanne die Seriennummer dieses Artikels.", "SERIENNUMMER"),
        Reason.WRONG_LOT: Says("NICHT DIESE CHARGE", "Leg ihn zurück. Die Charge ist für andere.", "ANDERE CHARGE"),
        Reason.UNKNOWN_LOT: Says("CHARGE UNBEKANNT", "Scanne die Charge auf dem Artikel.", "WELCHE CHARGE"),
        Reason.EXPIRED: Says("ABGELAUFEN", "Leg ihn in den roten Korb. Nimm einen frischen.", "ABGELAUFEN"),
        Reason.SHORT_LIFE: Says("LÄUFT ZU BALD AB", "Leg ihn zurück. Nimm einen, der länger hält.", "ZU ALT"),
        Reason.LABEL_DIFFERS: Says("DATUM STIMMT NICHT", "Nicht packen. Ruf die Leitung.", "DATUM FALSCH"),
        Reason.SINGLE_UNITS: Says("EINZELN", "Scanne jedes Stück dieses Artikels einzeln.", "EINZELN"),
        Reason.BAD_QUANTITY: Says("KEINE MENGE", "Nicht gezählt. Tippe eine ganze Zahl.", "WIE VIELE"),
        Reason.KIT: Says("SET", "Scanne seine Teile, eins nach dem anderen.", "TEILE SCANNEN"),
        Reason.DUPLICATE_SERIAL: Says(
            "SCHON GEZÄHLT", "Genau dieses Stück ist im Karton. Lass es dort, scanne das nächste.", "GEZÄHLT"
        ),
        Reason.ON_HOLD: Says("ANGEHALTEN", "Nicht weiter packen. Stell den Karton ins Halteregal.", "ANGEHALTEN"),
        Reason.CANCELLED: Says("STORNIERT", "Nicht versenden. Leg die Ware zurück.", "STORNIERT"),
        Reason.CHANGED: Says(
            "AUFTRAG GEÄNDERT", "Pack den Karton aus. Scanne den Auftrag für die neuen Zeilen.", "GEÄNDERT"
        ),
        Reason.NOT_READY: Says(
            "NOCH NICHT BEREIT", "Noch nicht zu packen. Nimm einen anderen Auftrag.", "NICHT BEREIT"
        ),
        Reason.ALREADY_DONE: Says("SCHON FERTIG", "Hier ist nichts mehr zu tun. Nimm den nächsten.", "FERTIG"),
        Reason.IN_USE: Says("AN ANDEREM PLATZ OFFEN", "Nimm einen anderen Auftrag.", "BELEGT"),
        Reason.TAKEN_OVER: Says("VON ANDEREM PLATZ GEHOLT", "Nicht weiter packen. Gib den Karton dorthin.", "GEHOLT"),
        Reason.AMBIGUOUS: Says("WELCHER?", "Scanne einen anderen Code darauf oder seine Nummer vom Blatt.", "WELCHER"),
        Reason.BOX_NOT_ALLOWED: Says("NICHT DIESER KARTON", "Nimm eine andere Größe.", "ANDERE GRÖSSE"),
        Reason.OVERWEIGHT: Says("ZU SCHWER", "Nimm etwas heraus und ruf die Leitung.", "ZU SCHWER"),
        Reason.WEIGHT_MISMATCH: Says("GEWICHT STIMMT NICHT", "Prüfe, was im Karton ist.", "PRÜFEN"),
        Reason.HAZMAT: Says("GEFAHRGUT", "So darf das nicht weg. Ruf die Leitung.", "GEFAHRGUT"),
        Reason.NO_PRINTER: Says(
            "KEIN DRUCKER", "Ruf die Leitung. Der Karton kann warten: scanne PARK.", "KEIN DRUCKER"
        ),
        Reason.WRONG_LABEL: Says(
            "FALSCHES ETIKETT", "Es gehört auf einen anderen Karton. Zieh es ab. Beide bleiben hier.", "ETIKETT FALSCH"
        ),
        Reason.WRONG_LOAD: Says("ANDERE LADUNG", "Stell es zur Seite. Hier nicht laden.", "ANDERE LADUNG"),
        Reason.WRONG_CARRIER: Says("ANDERER DIENST", "Stell es zur Seite. Es fährt woanders mit.", "ANDERER DIENST"),
        Reason.ALREADY_LOADED: Says("SCHON GELADEN", "Es zählt einmal. Weiter.", "GELADEN"),
        Reason.LOAD_CLOSED: Says("LADUNG GESCHLOSSEN", "Stell es zur Seite, für die nächste.", "GESCHLOSSEN"),
        Reason.NOT_PACKED: Says(
            "NICHT FERTIG", "Seine Bestellung ist an keinem Platz fertig. Stell es zur Seite.", "NICHT GEPACKT"
        ),
        Reason.NEED_CONFIRM: Says("SICHER?", "Scanne denselben Code noch einmal.", "NOCH EINMAL"),
        Reason.NOT_SIGNED_IN: Says("NIEMAND ANGEMELDET", "Scanne zuerst deinen Ausweis.", "ANMELDEN"),
        Reason.WRONG_PIN: Says("NICHT DIESE PIN", "Tippe sie noch einmal und drück Enter.", "FALSCHE PIN"),
        Reason.STOPPED: Says("STOPP", "Nicht gezählt. Löse zuerst den Stopp.", "STOPP"),
        Reason.UNDO_WHICH: Says(
            "WAS KOMMT HERAUS?", "Dieses: scanne noch einmal UNDO. Ein anderes: scanne den Artikel.", "HERAUS?"
        ),
        Reason.EMPTY_WHAT: Says(
            "KARTON LEEREN?", "Alles: scanne noch einmal EMPTY. Nur einen Artikel: scanne ihn.", "LEEREN?"
        ),
        Reason.TAKEN_OUT: Says("HERAUS", "Es zählt nicht mehr. Nimm es aus dem Karton.", "HERAUS"),
        Reason.EMPTIED: Says("KARTON IST LEER", "Nichts zählt mehr. Nimm alles heraus.", "LEER"),
        Reason.NOTHING_TO_TAKE: Says("NICHT IM KARTON", "Es kam nichts heraus. Weiter.", "NICHT DRIN"),
        Reason.WHICH_PROBLEM: Says(
            "WAS STIMMT NICHT?", "Scanne es auf der Problemliste, oder den Artikel. OK geht zurück.", "WAS IST ES?"
        ),
        Reason.SHORT: Says("ZU WENIG", "Stell den Karton ins Problemregal. Nimm den nächsten Auftrag.", "ZU WENIG"),
        Reason.DAMAGED: Says("BESCHÄDIGT", "Karton und Artikel ins Problemregal. Nimm den nächsten.", "BESCHÄDIGT"),
        Reason.MISSING: Says("FEHLT", "Stell den Karton ins Problemregal. Nimm den nächsten Auftrag.", "FEHLT"),
        Reason.UNREADABLE: Says(
            "CODE NICHT LESBAR", "Karton und Artikel ins Problemregal. Nimm den nächsten Auftrag.", "NICHT LESBAR"
        ),
        Reason.MISLABELLED: Says(
            "FALSCH BESCHRIFTET", "Karton und Artikel ins Problemregal. Nimm den nächsten.", "BESCHRIFTUNG"
        ),
        Reason.HELD_HERE: Says("ZURÜCKGESTELLT", "Stell den Karton ins Halteregal. Die Leitung weiß es.", "WARTET"),
        Reason.WARN_WRONG_ITEM: Says("FALSCHER ARTIKEL", "Nicht gezählt. Leg ihn beiseite und mach weiter.", "FALSCH"),
        Reason.WARN_OVER_QUANTITY: Says("EINER ZU VIEL", "Nicht gezählt. Leg ihn beiseite und mach weiter.", "ZU VIEL"),
        Reason.FORCE_WHICH: Says(
            "VON HAND PRÜFEN?", "Scanne den Grund auf der Problemliste. FORCE: nächster. OK: zurück.", "VON HAND?"
        ),
        Reason.FORCED: Says("VON HAND GEPRÜFT", "Es zählt. Es steht mit deinem Namen im Buch.", "VON HAND"),
        Reason.LABEL_NOT_CONFIRMED: Says(
            "NICHT BESTÄTIGT",
            "Sein Etikett wurde nie am Karton gescannt. Beiseite, zurück an einen Platz.",
            "UNGEPRÜFT",
        ),
        Reason.PLANNED_ELSEWHERE: Says(
            "ANDERS GEPLANT", "Beiseite stellen. Es gehört zum Plan einer anderen Ladung.", "ANDERE"
        ),
        Reason.NOT_PLANNED: Says(
            "NICHT IM PLAN", "Beiseite stellen. Diese Ladung nimmt nur, was auf ihrer Liste steht.", "NICHT PLAN"
        ),
        Reason.WRONG_SERVICE: Says(
            "ANDERER DIENST", "Beiseite stellen. Diese Ladung nimmt eine andere Versandart.", "ANDERE ART"
        ),
        Reason.ITEM_NOT_PARCEL: Says("DAS IST EIN ARTIKEL", "Nicht geladen. Das Etikett am Paket scannen.", "ETIKETT"),
        Reason.VOID_LABEL: Says(
            "ALTES ETIKETT", "Dieses Etikett gilt nicht mehr. Beiseite, es braucht das neue.", "ALT"
        ),
        Reason.PALLET_REFUSED: Says(
            "NICHT DIESE PALETTE", "Nichts davon wurde geladen. Nimm herunter, was nicht mit darf.", "PALETTE"
        ),
        Reason.UNLOAD_WHICH: Says(
            "WELCHES RUNTER?", "Scanne das Paket, das vom Wagen kommt. UNLOAD geht zurück.", "RUNTER?"
        ),
        Reason.UNLOADED: Says("VOM WAGEN", "Es zählt nicht mehr. Es wartet wieder am Tor.", "RUNTER"),
        Reason.NOT_LOADED: Says("NICHT AUF DIESER LADUNG", "Nichts wurde heruntergenommen. Weiter.", "NICHT DRAUF"),
        Reason.REMAINING_WHICH: Says(
            "WAS BLEIBT HIER?", "Scanne jedes Paket, das hier bleibt. Dann CLOSE.", "WAS BLEIBT?"
        ),
        Reason.REMAINS: Says("BLEIBT HIER", "Es ist nicht auf dem Wagen. Scanne das nächste, das bleibt.", "BLEIBT"),
        Reason.ASIDE_WHICH: Says(
            "WELCHES STEHT BEISEITE?", "Scanne jedes Paket, das nicht auf dem Wagen ist. OK geht zurück.", "BEISEITE?"
        ),
        Reason.ASIDE_DONE: Says("ERLEDIGT", "Es ist von der Liste.", "ERLEDIGT"),
        Reason.NOT_ASIDE: Says("NICHT AUF DER LISTE", "Dieses Paket stand nicht beiseite. Weiter.", "NICHT DABEI"),
        Reason.WHICH_LOAD: Says(
            "WELCHER WAGEN?", "Scanne den Code seiner Ladung. YES beginnt eine weitere.", "WELCHER?"
        ),
        Reason.NEED_REASON: Says("WARUM BLEIBEN SIE?", "Scanne oder tippe die Nummer des Grundes.", "WARUM?"),
        Reason.SET_ASIDE: Says(
            "ERST BEISEITE STELLEN",
            "Nimm diese vom Wagen: ASIDE DONE, dann jedes. Oder die Leitung scannt.",
            "BEISEITE",
        ),
        Reason.PULL_FIRST: Says(
            "ERST HERAUSHOLEN", "Es wurde storniert. Herunter damit und scannen, oder CANNOT REACH.", "HERAUS"
        ),
    }
)

STOPS: Mapping[Reason, Says] = MappingProxyType(
    {
        Reason.UNKNOWN_CODE: Says("WIEDER UNBEKANNT", "Leg ihn in den roten Korb.", "UNBEKANNT"),
        Reason.DUPLICATE_SERIAL: Says(
            "SERIENNUMMER SCHON BENUTZT", "Stell den Karton zur Seite. Ruf die Leitung.", "SCHON BENUTZT"
        ),
        Reason.STOPPED: Says("PLATZ KANN NICHT SPEICHERN", "Jetzt zählt nichts. Ruf die Leitung.", "LEITUNG RUFEN"),
    }
)

NOTES: Mapping[Note, str] = MappingProxyType(
    {
        Note.SIGNED_IN: "Angemeldet.",
        Note.HAND_OVER: "Hat diesen Platz übernommen.",
        Note.SIGNED_OUT: "Abgemeldet.",
        Note.REVOKED: "{item} darf hier nicht mehr arbeiten und wurde abgemeldet.",
        Note.UNKNOWN_BADGE: "Scanne deinen eigenen Ausweis, oder frag die Leitung.",
        Note.NO_ROLE: "{item} darf weder packen noch laden.",
        Note.MAY_NOT_PACK: "Dieser Ausweis darf nicht packen.",
        Note.MAY_NOT_LOAD: "Dieser Ausweis darf nicht laden.",
        Note.BOX_FIRST: "{item} darf nicht packen. Mach den Karton fertig oder scanne PARK.",
        Note.PIN: "Tippe die PIN und Enter, oder scanne ihre Ziffern und OK.",
        Note.PIN_WRONG: "Tippe sie noch einmal und drück Enter. Versuche übrig: {done}.",
        Note.PIN_LOCKED: "Zu oft. Warte eine Minute, dann scanne den Ausweis noch einmal.",
        Note.DAY_OVER: "Der Ausweis war für einen anderen Tag. Die Leitung gibt einen für heute.",
        Note.ELSEWHERE: "Dieser Ausweis ist jetzt an {item} angemeldet, darum hier abgemeldet.",
        Note.IDLE: "Hier wurde lange nichts gescannt. Mit deinem Ausweis geht es weiter.",
        Note.OPENING: "Auftrag gescannt.",
        Note.OPENING_BY_ITEM: "Sein Auftrag wird geöffnet. Behalte ihn in der Hand.",
        Note.COUNT_BOX: "{done} von {total} hat der Vorige geprüft. Zähl den Karton.",
        Note.OUT_OF_BOX: "{item} ist heraus. Scanne den nächsten, der herauskommt.",
        Note.ALL_OUT: "Alles ist heraus. Scanne OK, dann noch einmal den Beleg.",
        Note.STAYS_IN: "{item} soll nicht heraus. Leg ihn wieder in den Karton.",
        Note.TAKE_OUT_FIRST: "Scanne zuerst heraus: {item}. Ohne Code: Ausweis der Leitung.",
        Note.LEFT_TO_LEAD: "Die Leitung kümmert sich darum. Scanne OK.",
        Note.ANOTHER: "Scanne einen anderen Beleg.",
        Note.PUT_BACK: "Leg die Ware zurück. Scanne einen anderen Beleg.",
        Note.HOLD_BADGE: "Nimm einen anderen Beleg. Der Ausweis der Leitung kann ihn jetzt freigeben.",
        Note.SLIP_TOTE_ITEM: "Scanne einen Beleg, einen Behälter oder einen Artikel.",
        Note.NO_SINGLE: "Leg ihn beiseite. Gehören mehrere zum Auftrag, scanne zuerst den Beleg.",
        Note.NOT_IN_TOTE: "Kein Auftrag dieses Behälters will ihn. Leg ihn in den roten Korb.",
        Note.ITEM_OF_TOTE: "Mehrere Aufträge sind in diesem Behälter. Scanne einen Artikel daraus.",
        Note.TOTE_MATE: "Zurück in den Behälter: er ist für Auftrag {item}.",
        Note.TOTE_IS_EMPTY: "Der Behälter ist leer. Scanne den nächsten.",
        Note.LEFT_OVER: "Übrig: in den roten Korb. Ist noch etwas da? Scanne es, sonst YES.",
        Note.TAKE_FREE: "TAKE OVER holt ihn hierher. Oder scanne einen anderen Beleg.",
        Note.TAKE_BADGE: "Nimm einen anderen Beleg. Hierher: TAKE OVER, dann der Ausweis der Leitung.",
        Note.TAKE_WALK: "Geh zu {item} und sieh nach. Dann TAKE OVER und der Ausweis der Leitung.",
        Note.SUPERVISOR_NOW: "Jetzt den Ausweis der Leitung, oder einen anderen Beleg.",
        Note.NOTHING_TO_TAKE_OVER: "Scanne zuerst den Beleg, dann TAKE OVER.",
        Note.TAKING_OVER: "Vom anderen Platz geholt.",
        Note.RELEASE_ASK: "YES gibt ihn frei, ein anderer Beleg lässt ihn, wie er ist.",
        Note.RELEASING: "Er wird noch einmal geprüft.",
        Note.PARK_FIRST: "Ein Karton nach dem anderen. Erst PARK, dann jener Beleg.",
        Note.THIS_ORDER: "Das ist der Auftrag, der offen ist. Weiter.",
        Note.GOES_ON: "Karton {item} wird an einem anderen Platz gepackt. Gib ihn dorthin.",
        Note.WAIT_OPENING: "Einen Moment: etwas wird geöffnet.",
        Note.AGAIN: "Dieser Auftrag ist hier offen. Weiter.",
        Note.RESUMED: "Sein Karton ist wieder offen.",
        Note.PARKED: "Steht zur Seite. Scanne den nächsten Auftrag.",
        Note.PARKED_LATE: "Karton {item} steht zur Seite, Beleg hinein. Scanne ihn, wenn Etiketten kommen.",
        Note.PULL_BOX: "Such Karton {item} und stell ihn zur Seite.",
        Note.PULL_LABEL: "Such Karton {item}, zerstöre sein Etikett und stell ihn zur Seite.",
        Note.OPENED_ASIDE: "Zu spät geöffnet, steht zur Seite. Scanne den Beleg, wenn du ihn willst.",
        Note.ITEM_FIRST: "Scanne zuerst einen Auftrag, dann seine Artikel.",
        Note.AWAY: "Der Server antwortet nicht. Scanne noch einmal.",
        Note.AWAY_LANE: "Der Server antwortet nicht. Scanne das Tor noch einmal.",
        Note.AWAY_CLOSE: "Nicht geschlossen. CLOSE versucht es wieder, YES schließt ohne ihn.",
        Note.AWAY_LABEL: "Der Server antwortet nicht. Es wird von selbst noch einmal gefragt.",
        Note.REPRINT: "Das Etikett wird noch einmal gedruckt.",
        Note.REPRINT_WHICH: "Scanne das Etikett oder den Zettel des Kartons, oder tippe die Paketnummer.",
        Note.REPRINTING: "Der Server wird gefragt, ob dieses Etikett noch gilt.",
        Note.REPRINT_OVER: "Das Etikett kommt noch einmal. Kleb es über das alte.",
        Note.RELABEL_PARCEL: "Scanne das falsche Etikett, oder tippe seine Paketnummer.",
        Note.RELABEL_WHY: "Scanne 1 Zusteller oder Art, 2 Gewicht oder Karton, 3 Adresse, 4 unlesbar, 5 weg.",
        Note.RELABEL_BADGE: "Jetzt der Ausweis der Leitung: das alte Etikett gilt dann nicht mehr, das neue kostet.",
        Note.RELABELLING: "Der Server wird gefragt.",
        Note.NOT_RELABELLED: "Kein anderes Etikett.",
        Note.RELABEL_OFF: "Der Server antwortet nicht. Ob das Etikett noch gilt, ist offen: RELABEL noch einmal.",
        Note.NOT_REPRINTED: "Nicht gedruckt: der Server antwortet nicht.",
        Note.NO_PRINTER: "Dieser Platz hat keinen Drucker. Ruf die Leitung.",
        Note.UNCERTAIN: "Sieh nach, ob es kam. Scanne es, oder REPRINT, wenn keins da ist.",
        Note.CANNOT_DRAW: "Dieses Etikett lässt sich nicht drucken. Ruf die Leitung.",
        Note.TO_DOCK: "Jetzt wird geladen.",
        Note.TO_PACK: "Jetzt wird gepackt.",
        Note.LANE: "Tor gescannt.",
        Note.LANE_FIRST: "Scanne zuerst den Code eines Tors.",
        Note.NO_SUCH_LANE: "Dieses Tor gibt es hier nicht. Bekannt:",
        Note.NO_LANES: "Hier ist noch kein Tor bekannt.",
        Note.CLOSING: "Das Schließen ist bestätigt.",
        Note.WAIT_CLOSING: "Einen Moment: die Ladung wird geschlossen.",
        Note.KNOWN_NOW: "Dieses Paket ist jetzt bekannt: scanne es noch einmal.",
        Note.DISPUTED: "Nimm Paket {item} wieder herunter: der Server weiß es besser.",
        Note.MANIFEST: "Die Ladeliste lässt sich nicht in {item} speichern.",
        Note.REDIRECTED: "Gedruckt wird jetzt bei {item}. Noch einmal PRINTER: der nächste Drucker.",
        Note.PRINTS_HERE: "Gedruckt wird wieder am eigenen Drucker.",
        Note.NO_OTHER_PRINTER: "Für diesen Platz ist kein anderer Drucker eingerichtet. Ruf die Leitung.",
        Note.SCANNER_HERE: "Dieser Scanner arbeitet jetzt an diesem Platz.",
        Note.SCANNER_ELSEWHERE: "Das ist der Code eines anderen Platzes. Scanne den auf dem Blatt dieses Platzes.",
        Note.CALLED: "Jemand ist gerufen. Mach weiter, wie du magst.",
        Note.CALL_ENDED: "Der Ruf ist zurückgenommen.",
        Note.COMING: "Jemand ist auf dem Weg zu dir.",
        Note.HELP: "Jeder Scan verlässt diese Seite.",
        Note.MAY_NOT_FORCE: "Dieser Ausweis darf nicht von Hand prüfen. Scanne PROBLEM oder CALL.",
        Note.MAY_NOT_ATTACH: "Dieser Ausweis darf keine Codes lehren. Scanne CALL.",
        Note.ATTACH_CODE: "Scanne den Code, den niemand kennt.",
        Note.ATTACH_ITEM: "Jetzt einen bekannten Code desselben Artikels, vom Regal oder Beleg.",
        Note.ATTACHING: "Der Server wird gefragt.",
        Note.ATTACHED: "Dieser Code heißt jetzt {item}. Scanne den Artikel.",
        Note.NOT_ATTACHED: "Nicht gelernt.",
        Note.ATTACH_OFF: "Der Server antwortet nicht. Nichts wurde gelernt.",
        Note.OUTSIDE_LABEL: "Scanne das Etikett des anderen Programms.",
        Note.JOURNAL: "Nicht gespeichert, nicht gezählt.",
        Note.FAULT: "Nicht gezählt: ein Fehler in diesem Programm.",
        Note.WEIGHED: "Die Waage sagt {item} g. Das stimmt.",
        Note.WEIGHED_OFF: "Die Waage sagt {item} g. Prüfe, was im Karton ist.",
        Note.BOX_OPENED: "Der Karton darf wieder auf.",
        Note.OPEN_BADGE: "Zum Öffnen scannt die Leitung ihren Ausweis.",
        Note.NEXT_BOX: "Mach diesen Karton zu. Was jetzt kommt, geht in den nächsten.",
        Note.RELEASE_WHY: "Tippe, warum dieses Gewicht stimmt, oder scanne einen Grund.",
        Note.GOODS_BEGUN: "Ware.",
        Note.GOODS_WAIT: "Einen Moment: der Server wird gefragt.",
        Note.GOODS_FETCHING: "Der Server wird nach der Liste gefragt.",
        Note.GOODS_PAPER_FIRST: "Zuerst das Papier scannen: das Paket oder die Nummer der Umlagerung.",
        Note.GOODS_FINISH: "Es wird Ware gezählt. DONE bucht sie, EMPTY verwirft sie.",
        Note.GOODS_ASK: "DONE noch einmal scannen, dann wird gebucht. Jeder Artikel zählt weiter.",
        Note.GOODS_DROP: "EMPTY noch einmal scannen, dann wird das Gezählte verworfen.",
        Note.GOODS_BOOKING: "Es wird gebucht.",
        Note.GOODS_BOOKED: "Gebucht. Der Bestand stimmt jetzt.",
        Note.GOODS_AWAY: "Das braucht den Server, und er antwortet nicht. Noch einmal scannen.",
        Note.GOODS_AWAY_KEPT: "Das braucht den Server. Das Gezählte bleibt und wird gebucht, sobald er antwortet.",
        Note.GOODS_REFUSED: "Nichts wurde gebucht.",
        Note.PALLET_SSCC: "Scanne den Code der Palette, ihre SSCC.",
        Note.PALLET_PARCEL: "Scanne jedes Paket darauf. Am Ende DONE.",
        Note.PALLET_TWICE: "Es steht schon auf dieser Palette.",
        Note.PALLET_FINISH: "Erst die Palette fertig machen: DONE, oder EMPTY zum Verwerfen.",
        Note.PALLET_ASK: "Scanne noch einmal DONE, wenn das alles ist.",
        Note.PALLET_AWAY: "Eine Nummer braucht den Server. Scanne ein gedrucktes Etikett, oder lade jedes einzeln.",
        Note.PALLET_LABEL: "Ihr Etikett wird gedruckt: klebe es auf. Dann jedes Paket scannen.",
        Note.PALLET_NO_LABEL: "Sie hat eine Nummer, ihr Etikett geht nicht zu drucken: schreibe sie auf.",
        Note.PALLET_BUILT: "Die Palette steht. Ihr Code lädt alles darauf.",
        Note.PALLET_ALONE: "Die Palette steht. Hier lädt ihr Code alles darauf, anderswo, sobald der Server antwortet.",
        Note.GOODS_LOT_ITEM: "Erst einen Artikel davon scannen, dann LOT.",
        Note.GOODS_LOT_WHICH: "Scanne das Etikett mit der Charge, oder tippe sie. OK geht zurück.",
        Note.GOODS_LOT_SET: "Diese Charge. Hat sie einen letzten Tag? Tippe ihn als 2027-01-31.",
        Note.GOODS_DAY_SET: "Der letzte Tag dieser Charge.",
        Note.GOODS_TYPED: "Scanne YES, wenn {item} stimmt.",
        Note.GOODS_UNKNOWN: "Diesen Code kennt niemand. Nichts wurde gezählt.",
        Note.GOODS_ONE_SHELF: "Immer nur einen Artikel einer Charge zählen. Zurücklegen und weiter.",
        Note.GOODS_SERIAL: "Genau dieses Stück ist gezählt. Das nächste scannen.",
        Note.GOODS_NOT_IN_BOX: "So viele waren nicht im Paket. Nicht gezählt: in die rote Kiste.",
        Note.GOODS_SURPLUS: "Mehr als auf der Liste. Es wurde gezählt.",
        Note.GOODS_GONE_WHO: "Nur die Leitung darf sagen, dass der Rest fehlt.",
        Note.NEW_LOAD: "Tor {item} hat keine Ladung. YES beginnt eine.",
        Note.WHICH_LOAD: "Tor {item} hat mehrere. Scanne den Code einer Ladung, oder YES für eine weitere.",
        Note.NEW_LOAD_BEGINS: "Eine neue Ladung beginnt.",
        Note.PAPER_AGAIN: "Ihr Papier wird noch einmal gedruckt.",
        Note.PAPER_WHICH: "Scanne den Code der Ladung, deren Papier fehlt.",
        Note.NO_PAPER: "Der Server hat kein Papier dieser Ladung.",
        Note.BEGIN_ALONE: "YES beginnt sie ohne den Server. OK geht zurück.",
        Note.LOAD_CODE: "Seine Ladung wird geöffnet.",
        Note.NO_PICKUP: "Hier wird jedes Paket am Tor gescannt. Scanne ein Tor.",
        Note.PICKUP_LANE: "Wessen Fahrer war da? Scanne das Tor.",
        Note.PICKUP_NONE: "Von diesem Tor wartet nichts auf einen Fahrer.",
        Note.PICKUP_ASK: "Scanne YES, wenn der Fahrer alle {total} Pakete hat.",
        Note.CLOSE_REFUSED: "Der Server nimmt das Schließen der Ladung {item} nicht an. Ruf die Leitung.",
        Note.CLOSED_ALONE: "Ohne den Server geschlossen. Er erfährt es, sobald er antwortet.",
    }
)

HEADINGS: Mapping[Note, Says] = MappingProxyType(
    {
        Note.UNKNOWN_BADGE: Says("AUSWEIS UNBEKANNT", "", "WESSEN AUSWEIS"),
        Note.DAY_OVER: Says("AUSWEIS VON GESTERN", "", "ALTER AUSWEIS"),
        Note.PIN_LOCKED: Says("ZU VIELE VERSUCHE", "", "WARTEN"),
        Note.NO_ROLE: Says("DARF HIER NICHT ARBEITEN", "", "NICHT HIER"),
        Note.REVOKED: Says("ABGEMELDET", "", "ABGEMELDET"),
        Note.IDLE: Says("ABGEMELDET", "", "ABGEMELDET"),
        Note.ELSEWHERE: Says("ABGEMELDET", "", "ABGEMELDET"),
        Note.ITEM_OF_TOTE: Says("SCANNE EINEN ARTIKEL DARAUS", "", "ARTIKEL"),
        Note.ATTACH_CODE: Says("CODE ANLERNEN", "", "CODE SCANNEN"),
        Note.ATTACH_ITEM: Says("CODE ANLERNEN", "", "ARTIKEL"),
        Note.RELABEL_PARCEL: Says("WELCHES ETIKETT?", "", "ETIKETT"),
        Note.REPRINT_WHICH: Says("WELCHES ETIKETT?", "", "ETIKETT"),
        Note.RELABEL_WHY: Says("WARUM EIN ANDERES?", "", "WARUM?"),
        Note.RELABEL_BADGE: Says("AUSWEIS DER LEITUNG", "", "AUSWEIS"),
        Note.SUPERVISOR_NOW: Says("AUSWEIS DER LEITUNG", "", "AUSWEIS"),
        Note.RELEASE_ASK: Says("FREIGEBEN?", "", "FREIGEBEN?"),
        Note.OPEN_BADGE: Says("AUSWEIS DER LEITUNG", "", "AUSWEIS"),
        Note.KNOWN_NOW: Says("NOCH EINMAL SCANNEN", "", "NOCH EINMAL"),
        Note.AWAY: Says("SERVER WEG", "", "SERVER WEG"),
        Note.GOODS_ASK: Says("BUCHEN?", "", "BUCHEN?"),
        Note.GOODS_DROP: Says("ALLES VERWERFEN?", "", "VERWERFEN?"),
        Note.GOODS_AWAY_KEPT: Says("BRAUCHT DEN SERVER", "", "SERVER WEG"),
        Note.GOODS_AWAY: Says("BRAUCHT DEN SERVER", "", "SERVER WEG"),
        Note.PALLET_ASK: Says("IST DAS ALLES?", "", "ALLES?"),
        Note.PALLET_AWAY: Says("BRAUCHT DEN SERVER", "", "SERVER WEG"),
        Note.GOODS_TYPED: Says("RICHTIG?", "", "RICHTIG?"),
        Note.GOODS_REFUSED: Says("ABGELEHNT", "", "ABGELEHNT"),
        Note.NEW_LOAD: Says("NEUE LADUNG?", "", "NEU?"),
        Note.PAPER_WHICH: Says("WELCHE LADUNG?", "", "WELCHE?"),
        Note.NO_PAPER: Says("KEIN PAPIER", "", "KEIN PAPIER"),
        Note.BEGIN_ALONE: Says("SERVER WEG", "", "SERVER WEG"),
        Note.PICKUP_LANE: Says("WELCHES TOR?", "", "WELCHES TOR"),
        Note.PICKUP_ASK: Says("ALLE ÜBERGEBEN?", "", "ALLE WEG?"),
        Note.AWAY_CLOSE: Says("SERVER WEG", "", "SERVER WEG"),
        Note.CLOSE_REFUSED: Says("NICHT GESCHLOSSEN", "", "LEITUNG"),
    }
)

AT_OUTSIDE = Ways(
    "PARK stellt den Karton beiseite   UNDO nimmt eins heraus", "Scanne das Etikett am Karton, oder PARK."
)
AT_QUEUE = Ways("DOCK lädt einen Wagen   SIGN OUT, wenn du gehst", "Scanne hier einen Auftrag, oder DOCK zum Laden.")
AT_TOTE = Ways("ein Beleg oder anderer Behälter verlässt diesen", "Scanne einen Artikel daraus, oder einen Beleg.")
AT_TOTE_END = Ways(
    "YES er ist leer   oder scanne, was noch darin ist", "YES, wenn der Behälter leer ist, sonst was noch darin ist."
)
AT_PACK = Ways(
    "UNDO nimmt eins heraus   PROBLEM   PARK stellt beiseite   HELP", "Mach diesen Karton fertig oder scanne PARK."
)
AT_BOX = Ways("PARK stellt den Karton beiseite   UNDO nimmt eins heraus", "Erst, was das Bild verlangt, oder PARK.")
AT_STEPS = Ways("YES bestätigt   PARK stellt den Karton beiseite", AT_BOX.instead)
AT_LABEL = Ways("PARK stellt den Karton beiseite   REPRINT druckt das Etikett noch einmal", AT_PACK.instead)
AT_NO_LABEL = Ways("YES versucht es wieder   PARK stellt den Karton beiseite", "Scanne YES für noch einmal, oder PARK.")
AT_LOBBY = Ways(
    "PALLET, RECEIVE, PUT BACK, TRANSFER OUT, TRANSFER IN, COUNT, PACK, SIGN OUT",
    "Scanne ein Tor, oder PACK zum Packen.",
)
AT_LOAD = Ways("CLOSE beendet sie   UNLOAD   REMAINING   ASIDE DONE   PACK   SIGN OUT", "Scanne ein Paket oder CLOSE.")
AT_CLOSE = Ways(
    "OK geht zurück zum Laden   PACK geht zurück zum Packen", "Noch einmal CLOSE, oder OK zurück zum Laden."
)
AT_GOODS = Ways(
    "DONE bucht   UNDO nimmt den letzten Scan zurück   LOT   EMPTY verwirft alles",
    "Scanne einen Artikel, DONE am Ende, oder EMPTY zum Verwerfen.",
)
AT_GOODS_PAPER = Ways("OK geht zurück   PACK zum Packen", "Scanne das Papier, oder OK zurück.")
AT_GOODS_WAIT = Ways("PACK geht zurück zum Packen   SIGN OUT, wenn du gehst", "Warte, bis der Server geantwortet hat.")
AT_GOODS_BOOKED = Ways("OK geht zurück zum Tor   RECEIVE, COUNT und so weiter", "Scanne OK, zurück zum Tor.")
AT_MODE = Ways("OK geht zurück zum Laden   CLOSE beendet die Ladung", "Scanne ein Paket, oder OK zurück zum Laden.")
AT_LANE_ASKED = Ways("YES   OK geht zurück   PACK zum Packen", "Scanne YES, ein Tor, oder OK zurück.")
AT_CLOSED = Ways(
    "OK oder ein Tor lädt weiter   REPRINT   PACK geht zurück",
    "Scanne ein Tor, oder PACK zurück zum Packen.",
)

READS: Mapping[str, str] = MappingProxyType(
    {
        "dropped": "Der Scanner hat einen Teil verloren. Scanne noch einmal.",
        "partial": "Nur ein Teil des Codes kam an. Scanne noch einmal.",
        "too_long": "Der Code ist zu lang. Scanne noch einmal.",
        "glued": "Zwei Codes kamen als einer. Scanne einen Artikel nach dem anderen.",
        "truncated": "Nur ein Teil des Codes kam an. Scanne noch einmal.",
        "check_digit": "Eine Ziffer wurde falsch gelesen. Scanne noch einmal.",
        "separator_lost": "Charge und Seriennummer liefen zusammen. Scanne sie einzeln.",
    }
)

BECAUSE: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.WRONG_LOT: "Leg ihn zurück. Nimm Charge {detail}.",
        Reason.UNKNOWN_LOT: "Charge {detail} gibt es nicht. Scanne die Charge auf dem Artikel.",
        Reason.NEED_CONFIRM: "Vorgesehen ist Charge {detail}. Scanne noch einmal, um diese zu nehmen.",
        Reason.EXPIRED: "Der letzte Tag war {detail}.",
        Reason.SHORT_LIFE: "Der letzte Tag ist {detail}. Nimm einen, der länger hält.",
        Reason.LABEL_DIFFERS: "Auf der Ware steht etwas anderes: {detail}. Nicht packen, ruf die Leitung.",
        Reason.KIT: "Scanne seine Teile: {detail}.",
    }
)
REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "in_use": "{person} hat Auftrag {order} an {bench} seit {time}.",
        "silent": "{bench}, mit Auftrag {order} von {person}, meldet sich nicht seit {heard}.",
        "never_heard": "{bench}, mit Auftrag {order} von {person}, hat sich nie gemeldet.",
        "on_hold": "Auftrag {order} ist angehalten: {held}.",
        "no_product": "Auftrag {order} ist angehalten: kein Produkt hat die SKU {skus}.",
        "cancelled": "Auftrag {order} wurde storniert.",
        "packed_by": "Auftrag {order} hat {person} an {bench} gepackt, {time}.",
        "shipped_by": "Auftrag {order} hat {person} an {bench} gepackt, {time}, und er ist fort.",
        "packed": "Auftrag {order} wurde woanders gepackt.",
        "shipped": "Auftrag {order} ist schon fort.",
        "no_stock": "Auftrag {order} hat keinen Bestand. Die Auftragsstelle muss es klären.",
        "not_ready": "Auftrag {order} ist noch nicht bereit.",
        "other_site": "Auftrag {order} wird nicht in {site} gepackt.",
        "picking": "Auftrag {order} wird gerade geholt, in Welle {wave}.",
        "no_order": "Kein Auftrag und kein Paket hat diese Nummer.",
        "no_code": "Kein Auftrag, Paket oder Produkt hat diesen Code.",
        "no_single": "Kein Auftrag wartet auf nur einen {item}.",
        "assigned": "Auftrag {order} gehört zu {bench}, von dort war seit {heard} nichts zu hören.",
        "assigned_unheard": "Auftrag {order} gehört zu {bench}, von dort war noch nie etwas zu hören.",
        "waits": "Auftrag {order} wartet auf die Leitung.",
        "old_label": "Auftrag {order} hat ein Etikett mit der alten Adresse. Erst muss sein Karton ausgepackt werden.",
        "no_address": "Die Adresse dieses Auftrags ist nicht mehr gespeichert.",
        "tote_empty": "Im Behälter {tote} ist kein Auftrag, der noch gepackt wird.",
        "tote_not_in": "Kein Auftrag im Behälter {tote} wartet auf diesen Artikel.",
        "tote_item": "Das ist kein Artikel. Scanne, was noch im Behälter liegt.",
        "teach_parcel": "Das ist die Nummer eines Pakets oder einer Palette.",
        "teach_misread": "Der Code wurde falsch gelesen. Scanne ihn noch einmal.",
        "teach_reserved": "Das ist ein Code dieses Standorts.",
        "teach_taken": "Er bedeutet schon {sku}.",
        "label_void": "Das Etikett von Paket {parcel} gilt nicht mehr.",
        "label_none": "Paket {parcel} hat noch kein Etikett.",
        "label_done": "Auftrag {order} hat alle seine Etiketten.",
        "label_outside": "Auftrag {order} wird hier nur geprüft. Druck sein Etikett anderswo und scanne es.",
        "label_units": "Der Server hat nicht jedes Stück von Auftrag {order} gesehen.",
        "label_steps": "Von Auftrag {order} ist noch nicht alles bestätigt.",
        "label_hazmat": "{goods} darf nicht mit {carrier} {service} reisen.",
        "label_denied": "{carrier} lässt uns nicht hinein: {why}. Erst muss das Konto stimmen, dann scanne YES.",
        "label_refused": "{carrier} hat abgelehnt: {why}",
        "label_away": "{carrier} antwortet nicht. Es wird noch einmal gefragt.",
        "label_number": "{tracking} ist schon die Nummer eines anderen Pakets. Das muss die Leitung klären.",
        "stop_cancelled": "Der Auftrag wurde storniert.",
        "stop_cut": "Ein Teil davon wurde storniert. Fang ihn neu an.",
        "stop_address": "Seine Adresse wurde geändert, nachdem das Etikett gekauft war.",
        "stop_substitute": "In den Karton kommt {substitute} statt {sku}.",
        "stop_hold": "Der Auftrag ist angehalten: {held}.",
        "stop_taken": "{person} macht damit an {bench} weiter.",
        "stop_released": "{person} hat den Auftrag freigegeben.",
        "stop_elsewhere": "Ein anderer Platz hat den Auftrag.",
        "stop_packed": "Er wurde inzwischen an {bench} gepackt.",
        "stop_open": "Er ist inzwischen an {bench} offen.",
        "stop_site": "Er ging inzwischen an einen anderen Standort.",
        "stop_changed": "Er wurde inzwischen geändert.",
        "stop_label_twice": "Etikett {tracking} klebt schon auf Paket {parcel}. Die Leitung muss nachsehen.",
        "stop_differs": "Der Server urteilt über einen Scan anders. Die Leitung muss nachsehen.",
        "stop_forced": "Ein Stück wurde von Hand geprüft, ohne das Recht dazu. Die Leitung muss nachsehen.",
        "stop_serial": "Seriennummer {serial} von {sku} ist schon anderswo. Die Leitung muss nachsehen.",
        "stop_opened": "Der Karton wurde geöffnet: {why}",
        "stop_goods": "Seine Ware liegt nicht im Regal.",
        "stop_relabel": "Er bekommt ein anderes Etikett. Öffne ihn noch einmal, sein Karton geht weiter.",
        "stop_moved": "Er geht jetzt von woanders ab.",
        "goods_paper": "Den Beleg {ref} kennt hier niemand.",
        "goods_site": "Umlagerung {transfer} geht von {source} nach {target}, nicht {site}.",
        "goods_left": "Umlagerung {transfer} ist schon weg oder vorbei.",
        "goods_not_coming": "Umlagerung {transfer} ist nicht unterwegs.",
        "goods_not_cancelled": "Auftrag {order} ist nicht storniert. Seine Ware bleibt im Karton.",
        "goods_nothing": "Von Auftrag {order} ist hier nichts zurückzulegen.",
        "goods_not_in_box": "{units} von {sku} ist mehr, als im Karton von Auftrag {order} war.",
        "goods_not_free": "Von {sku} sind dort nur {free} frei. {promised} sind versprochen.",
        "goods_who": "Nur die Leitung darf sagen, dass der Rest weg ist.",
        "goods_lot": "{sku} wird nach Charge geführt. Scanne die Charge.",
        "goods_serials": "Jedes der {units} Stück von {sku} hat eine Seriennummer. Scanne sie.",
        "load_over": "Ladung {load} ist geschlossen. Was spät kommt, geht auf eine andere.",
        "load_none": "Diese Ladung gibt es an diesem Standort nicht.",
        "load_counted": "Gezählt waren {counted} Pakete, jetzt sind es {loaded}.",
        "load_others": "Inzwischen sind andere Pakete bereit, als auf dem Bildschirm standen.",
        "load_badge": "So darf sie nur die Leitung schließen.",
        "load_pull_first": "Ein storniertes Paket ist darauf. Hol es heraus, oder sag, dass niemand herankommt.",
        "load_set_aside": "Pakete stehen zur Seite. Scanne jedes dort, wo es hingehört, oder nach ASIDE DONE.",
        "load_need_reason": "Pakete bleiben hier. Sag einmal für alle, warum.",
        "load_not_packed": "Nimm {tracking} herunter. Auftrag {order} ist nicht mehr gepackt.",
        "pickup_scans": "{site} scannt am Tor. Öffne eine Ladung und scanne ihre Pakete.",
        "no_carrier": "Kein Zusteller hat den Code {carrier}.",
        "may_not": "Dieser Ausweis darf das nicht.",
        "pallet_unknown": "Paket {parcel} gibt es an diesem Standort nicht.",
        "pallet_not_ready": "Paket {tracking} ist nicht versandbereit. Nimm es von der Palette.",
        "pallet_elsewhere": "Die Nummer {sscc} hat eine Palette in {site}. Nimm ein anderes Palettenetikett.",
        "pallet_prefix": "{site} vergibt keine eigenen Nummern für Paletten. Scanne das Etikett einer Palette.",
        "pallet_sscc": "{sscc} ist keine Nummer einer Palette. Sie hat 18 Ziffern.",
        "reprint_several": "Auftrag {order} hat mehrere Kartons. Tippe die Nummer von einem: {parcels}.",
        "reprint_outside": "Das Etikett von Auftrag {order} kommt aus einem anderen Programm. Druck es dort neu.",
        "reprint_none": "Auftrag {order} hat hier noch kein Etikett.",
        "reprint_left": "Paket {parcel} ist fort.",
        "reprint_moved": "Die Adresse von Paket {parcel} ist neu: es braucht ein anderes Etikett. Ruf die Leitung.",
        "relabel_left": "Auftrag {order} ist fort. Sein Zusteller muss Paket {parcel} aufhalten.",
        "order_which": "{wanted} ist die Nummer mehrerer Aufträge: {numbers}. Scanne den Beleg.",
        "sent_wrong": "Auftrag {order} kam falsch vom Kanal. Die Auftragsstelle muss es klären.",
        "no_product_here": "Ein Produkt {sku} gibt es nicht.",
        "person_gone": "Der Ausweis, mit dem gepackt wurde, gilt hier nicht. Ruf die Leitung.",
        "tote_code": "Das ist kein Code eines Behälters. Scanne das Etikett am Behälter.",
        "teach_no_code": "Das kann kein Strichcode sein. Er ist zu lang oder leer.",
        "label_unheard": "Der Server kennt diesen Karton nicht. Scanne CALL.",
        "label_no_way": "Kein Zusteller darf diesen Karton nehmen: {why}",
        "label_retired": "{carrier} nimmt von hier keine neuen Pakete. Scanne CALL.",
        "goods_units": "{units} von {sku} auf einmal kann nicht sein. Zähl noch einmal.",
        "goods_no_lot": "{sku} wird nicht nach Charge geführt. Scanne es ohne Charge {lot}.",
        "goods_day": "{sku} läuft ab. Scanne LOT, dann tippe den letzten Tag von Charge {lot}.",
        "goods_day_differs": "Charge {lot} von {sku}: im Buch steht {known}, hier {found}. Ruf die Leitung.",
        "goods_expired": "Charge {lot} von {sku} ist seit {day} abgelaufen. Leg sie in den roten Korb.",
        "goods_no_serials": "{sku} hat keine Seriennummern. Scanne den Strichcode.",
        "goods_serial_here": "Seriennummer {serial} von {sku} ist schon im Haus. Ruf die Leitung.",
        "goods_serial_unknown": "Kein Stück von {sku} mit der Seriennummer {serial} ist hier.",
        "goods_bad_lot": "{text} kann keine Charge oder Seriennummer sein. Scanne noch einmal.",
        "goods_bad_day": "{text} ist kein Tag. Tippe ihn so: 2027-01-31.",
        "goods_moved": "{sku} wurde beim Zählen bewegt. Zähl noch einmal.",
        "goods_picked": "{sku} wird gerade geholt, für {orders}. Zähl, wenn der Behälter zurück ist.",
        "goods_one_product": "Zähl ein Produkt nach dem anderen.",
        "goods_twice": "Das wurde schon gebucht, mit anderer Ware. Ruf die Leitung.",
        "goods_lot_unknown": "{sku} hat hier keine Charge {lot}.",
        "goods_lines": "Zu viele Produkte auf einmal, oder keins. Buche bis zu {most}, dann den Rest.",
        "goods_none_out": "Nichts wurde auf den Wagen gescannt.",
        "goods_moved_on": "Mit dieser Umlagerung ging es inzwischen weiter. Verwirf die Liste, fang neu an.",
        "goods_none": "Weniger als ein Stück ist nicht zu buchen. Zähl noch einmal.",
        "goods_too_few": "Im Buch steht weniger von {sku}. Zähl sein Regal.",
        "goods_meanwhile": "Der Bestand hat sich inzwischen geändert. Scanne noch einmal DONE.",
        "server_busy": "Der Server kann das jetzt nicht. Scanne es gleich noch einmal.",
        "server_fault": "Ein Fehler im Server, Nummer {request}. Nichts ist geschehen. Ruf die Leitung.",
    }
)
QUOTED = "Der Server sagt: „{words}“"
DOCK_SAYS: Mapping[str, str] = MappingProxyType(
    {
        "dock_where": "Es kam als Nummer {position} von {of} auf den Wagen, um {time}.",
        "dock_loaded_by": "{by} hat es um {time} geladen. Weiter.",
        "dock_on_other": "Es ist auf {where}. Beiseite stellen.",
        "dock_on_other_there": "Es ist auf {where}, an {dock}. Beiseite stellen.",
        "dock_planned": "Beiseite stellen für {where}.",
        "dock_planned_there": "Beiseite stellen für {where}, an {dock}.",
        "dock_carrier": "Beiseite stellen für {carrier}.",
        "dock_carrier_there": "Beiseite stellen für {carrier}: {where}, an {dock}.",
        "dock_service": "{service}: beiseite stellen für {where}.",
        "dock_service_there": "{service}: beiseite stellen für {where}, an {dock}.",
        "dock_service_none": "{service}: beiseite stellen, keine offene Ladung nimmt es.",
        "dock_void_label": "Beiseite stellen. Seine neue Nummer ist {other}.",
        "dock_pallet_refused": "Zuerst herunternehmen: {other}",
        "dock_follows": "Sie fuhr ohne dieses Tor. Danach Gescanntes ist auf {load}: fort? CLOSE, sonst UNLOAD.",
        "dock_seen": "Beiseite stellen. Zuletzt an {dock}, {time}, von {by}.",
    }
)

HELD: Mapping[str, str] = MappingProxyType(
    {
        "no_lines": "nichts wurde verkauft",
        "no_sku": "eine Zeile nennt kein Produkt",
        "unknown_sku": "ein Produkt, das keiner kennt",
        "bad_quantity": "keine Stückzahl",
        "too_many_units": "mehr Stück, als gemeint sein kann",
        "no_name": "kein Empfänger",
        "no_street": "keine Straße",
        "no_city": "kein Ort",
        "no_country": "kein Land",
        "bad_country": "kein solches Land",
        "no_postcode": "keine Postleitzahl",
        "bad_postcode": "keine Postleitzahl dieses Landes",
        "unknown_carrier": "kein solcher Versender",
        "unknown_service": "kein solcher Dienst",
        "unpaid": "noch kein Geld",
        "part_paid": "noch nicht alles Geld",
        "payment_failed": "die Zahlung schlug fehl",
        "fraud": "Verdacht auf Betrug",
        "at_bench": "ein Platz hielt ihn an",
        "address_changed": "seine Adresse hat sich geändert",
    }
)

QUANTITIES: Mapping[str, str] = MappingProxyType(
    {
        "text": "Das ist keine Zahl. Tippe die Menge in Ziffern.",
        "decimal": "Nur ganze Stück. Tippe, wie viele.",
        "negative": "Weniger als nichts geht nicht. UNDO nimmt eins heraus.",
        "zero": "Null ist keine Menge. UNDO nimmt eins heraus.",
        "too_many": "Der Karton braucht weniger. Zähl noch einmal.",
    }
)

DEVICES = ("Server", "Scanner", "Drucker", "Waage")
LAMPS: Mapping[State, str] = MappingProxyType(
    {
        State.READY: "bereit",
        State.OK: "ok",
        State.SLOW: "langsam {time}",
        State.AWAY: "weg {time}",
        State.NEVER: "nie erreicht {time}",
        State.NOT_ADMITTED: "nicht zugelassen {time}",
        State.REFUSED: "{count} abgelehnt",
        State.OUTSIDE: "ok, Internet weg zu",
        State.KEYBOARD: "Tastatur",
        State.NONE: "keiner",
        State.NOT_CONNECTED: "nicht verbunden",
        State.BUSY: "von anderem Programm belegt",
        State.BROKEN: "geht nicht",
        State.QUIET: "letzter Scan vor {time}",
        State.UNHEARD: "noch nichts gehört",
        State.NO_PRINTER: "keiner",
        State.KEPT_BACK: "{count} zurückgehalten",
        State.NEEDS_HAND: "",
        State.REDIRECTED: "druckt bei",
        State.PRINTS_FOR: "druckt für",
        State.UNASKED: "wird nicht gefragt",
        State.SPOOL: "kann nichts aufbewahren:",
        State.OVER: "überlastet",
        State.UNDER: "unter null",
        State.FAULT: "Störung",
        State.ASLEEP: "schläft",
    }
)

STAGES: Mapping[LabelStage, Says] = MappingProxyType(
    {
        LabelStage.NONE: Says("PACKEN", "Scanne jedes Stück, das in den Karton geht.", "SCANNEN"),
        LabelStage.CHECKED: Says("ALLES GEPRÜFT", "Mach den Karton zu. Das Etikett kommt von selbst.", "KARTON ZU"),
        LabelStage.BUYING: Says(
            "ETIKETT WIRD GEKAUFT", "Mach den Karton zu und warte auf das Etikett.", "WIRD GEKAUFT"
        ),
        LabelStage.PRINTING: Says("DRUCKT", "Warte auf das Etikett, dann kleb es auf den Karton.", "DRUCKT"),
        LabelStage.SCAN_LABEL: Says(
            "LETZTER SCHRITT", "Kleb das Etikett auf diesen Karton und scanne es dort.", "ETIKETT SCANNEN"
        ),
        LabelStage.OUTSIDE: Says(
            "ALLES GEPRÜFT", "Druck das Etikett im anderen Programm, kleb es auf, scanne es dort.", "ETIKETT SCANNEN"
        ),
        LabelStage.FAILED: Says(
            "KEIN ETIKETT", "Scanne YES für noch einmal, oder PARK zum Weiterpacken.", "KEIN ETIKETT"
        ),
    }
)

_NOT_YET = "NOCH NICHT GEDRUCKT"
PRINTER_NEEDS: Mapping[str, Says] = MappingProxyType(
    {
        "out of labels": Says(_NOT_YET, "Leg Etiketten in den Drucker.", "ETIKETTEN"),
        "print head open": Says(_NOT_YET, "Schließ den Druckkopf.", "KOPF ZU"),
        "out of ribbon": Says(_NOT_YET, "Leg Farbband in den Drucker.", "FARBBAND"),
        "paused": Says(_NOT_YET, "Drück PAUSE am Drucker.", "PAUSE"),
        "head too cold": Says(_NOT_YET, "Warte, bis der Drucker warm ist.", "ZU KALT"),
        "head too hot": Says(_NOT_YET, "Warte, bis der Drucker abgekühlt ist.", "ZU HEISS"),
        "cover open": Says(_NOT_YET, "Schließ den Deckel des Druckers.", "DECKEL ZU"),
        "memory full": Says(_NOT_YET, "Warte kurz. Sonst den Drucker aus- und wieder einschalten.", "DRUCKER VOLL"),
        "memory": Says(_NOT_YET, "Schalte den Drucker aus und wieder ein.", "AUS UND EIN"),
        "cutter jammed": Says(_NOT_YET, "Mach den Schneider des Druckers frei, dann FEED.", "SCHNEIDER"),
        "half a label": Says(_NOT_YET, "Schalte den Drucker aus und wieder ein.", "AUS UND EIN"),
        "does not answer": Says(_NOT_YET, "Prüfe Etiketten, Farbband und Druckkopf des Druckers.", "DRUCKER PRÜFEN"),
        "answers strangely": Says(
            _NOT_YET, "Er ist falsch eingerichtet. Scanne PRINTER oder ruf die Leitung.", "LEITUNG"
        ),
        "with an error": Says(_NOT_YET, "Lies seine Anzeige. Sonst aus- und wieder einschalten.", "DRUCKERFEHLER"),
        "cannot be reached": Says(_NOT_YET, "Schalte den Drucker ein. Prüfe sein Kabel.", "DRUCKER AUS"),
        "switched off": Says(_NOT_YET, "Schalte den Drucker ein.", "DRUCKER AUS"),
        "": Says(_NOT_YET, "Sieh nach dem Drucker: ist er an, sind Etiketten darin, ist alles zu?", "DRUCKER"),
    }
)

SYSTEM: Mapping[str, str] = MappingProxyType(
    {
        "database or disk is full": "die Platte ist voll",
        "No space left on device": "die Platte ist voll",
        "attempt to write a readonly database": "die Platte nimmt nichts mehr an",
        "Read-only file system": "die Platte nimmt nichts mehr an",
        "disk I/O error": "die Platte arbeitet nicht",
        "Input/output error": "es arbeitet nicht",
        "Permission denied": "dieser Platz darf es nicht benutzen",
        "No such file or directory": "es ist nicht da",
        "another station is using it": "ein anderer Platz benutzt es",
        "Connection refused": "dort antwortet niemand",
        "No route to host": "kein Weg führt dorthin",
        "timed out": "es dauerte zu lange",
    }
)
TROUBLES: Mapping[str, str] = MappingProxyType(
    {
        "out of labels": "keine Etiketten",
        "print head open": "Druckkopf offen",
        "cover open": "Deckel offen",
        "out of ribbon": "kein Farbband",
        "paused": "angehalten",
        "head too cold": "Kopf zu kalt",
        "head too hot": "Kopf zu heiß",
        "memory full": "Speicher voll",
        "memory corrupt": "Speicher gestört",
        "cutter jammed": "Schneider klemmt",
        "stopped with an error": "steht mit einem Fehler",
        "half a label stuck inside": "halbes Etikett steckt darin",
        "does not answer": "antwortet nicht",
        "answers strangely": "antwortet seltsam",
        "cannot be reached": "ist nicht zu erreichen",
    }
)

STEP_KINDS: Mapping[StepKind, Says] = MappingProxyType(
    {
        StepKind.SECOND_LOOK: Says("PERSÖNLICH", "Vergleiche Buchstabe für Buchstabe, dann scanne YES.", "VERGLEICHE"),
        StepKind.HAZMAT: Says("GEFAHRGUT", "Kleb den Gefahrzettel auf den Karton, dann scanne YES.", "GEFAHRGUT"),
        StepKind.NOTE: Says("HINWEIS", "Tu, was da steht, dann scanne YES.", "LIES DAS"),
        StepKind.GIFT: Says("GRUSSKARTE", "Leg den Gruß in den Karton, dann scanne YES.", "GRUSS"),
        StepKind.INSERT: Says("BEILAGE", "Leg sie in den Karton, dann scanne YES.", "BEILEGEN"),
        StepKind.BOX: Says("KARTON", "Scanne den Karton, den du nimmst, oder NO BOX, wenn es so geht.", "KARTON"),
        StepKind.CLOSE: Says("KARTON OFFEN", "Mach den Karton wieder zu, dann scanne YES.", "ZUMACHEN"),
        StepKind.WEIGHT: Says("GEWICHT", "Stell diesen Karton auf die Waage, und sonst nichts.", "WIEGEN"),
    }
)
SCALE_DO: Mapping[State, str] = MappingProxyType(
    {
        State.NOT_CONNECTED: "Die Waage antwortet nicht: prüfe Schalter und Kabel.",
        State.BUSY: "Ein anderes Programm benutzt die Waage. Ruf die Leitung.",
        State.BROKEN: "Die Waage kann nicht gelesen werden. Ruf die Leitung.",
        State.ASLEEP: "Die Waage schläft: drück ihren Knopf.",
        State.OVER: "Die Waage ist überlastet: nimm den Karton herunter.",
        State.UNDER: "Nimm alles von der Waage und drück ihre Nulltaste.",
        State.FAULT: "Die Waage meldet eine Störung: schalte sie leer aus und wieder ein.",
    }
)
STILL_OPEN = "OFFEN"
FETCH = "▲"
MORE_NOTES = "▲ Es gibt mehr Hinweise, als hier Platz haben. Vor dem Packen CALL scannen."
SCAN_AGAIN = "Scanne diese Zeile noch einmal."
STEPS = ("geprüft", "gekauft", "gedruckt", "Etikett")
STEPS_ALLOTTED = ("geprüft", "zugeteilt", "gedruckt", "Etikett")
BOUGHT: Mapping[Bought, str] = MappingProxyType(
    {
        Bought.NOT_BOUGHT: "○ Etikett nicht gekauft",
        Bought.CHECKING: "▲ ob das Etikett gekauft ist, wird geprüft",
        Bought.ALLOTTED: "◆ Etikett vorab zugeteilt",
        Bought.BOUGHT: "● Etikett gekauft",
    }
)
LIGHTS: Mapping[Light, str] = en.LIGHTS

MODES: Mapping[Mode, str] = MappingProxyType({Mode.BLOCK: "", Mode.WARN: "WARNT NUR", Mode.VERIFY_ONLY: "PRÜFT NUR"})

CALLED = "gerufen"
HELP_TITLE = "WAS JETZT GESCANNT WERDEN KANN"
HELP_PLAIN: Mapping[str, str] = MappingProxyType(
    {
        "sign_in": "dein Ausweis: meldet dich an",
        "queue": "Beleg, Behälter, Paket oder Artikel: öffnet seinen Auftrag",
        "pack": "ein Artikel: zählt ihn",
        "label": "das Etikett am Karton: schließt ihn ab",
        "lobby": "ein Tor: öffnet seine Ladung",
        "dock": "ein Paket: lädt es auf den Wagen",
        "pallet": "ein Paket: steht auf dieser Palette",
        "goods": "ein Artikel: zählt ihn; eine Zahl danach: so viele",
    }
)

HELP_CODES: Mapping[Command, str] = MappingProxyType(
    {
        Command.OK: "löst einen Stopp, lässt eine Frage fallen",
        Command.YES: "beantwortet eine Frage, oder versucht es wieder",
        Command.PARK: "stellt den Karton beiseite; sein Beleg holt ihn",
        Command.REPRINT: "druckt das Etikett noch einmal",
        Command.UNDO: "nimmt eins heraus; dann UNDO oder der Artikel",
        Command.PROBLEM: "Ware ist nicht in Ordnung; dann, was es ist",
        Command.CALL: "jemand kommt; noch einmal nimmt es zurück",
        Command.HELP: "diese Seite",
        Command.PRINTER: "gedruckt wird am nächsten Drucker, am Ende wieder hier",
        Command.EMPTY: "nimmt alles heraus; dann EMPTY oder ein Artikel",
        Command.HOLD: "der Auftrag wartet auf die Leitung",
        Command.FORCE: "prüft eins von Hand; ein eigenes Recht",
        Command.ATTACH: "lehrt einen unbekannten Code; ein eigenes Recht",
        Command.DOCK: "einen Wagen laden",
        Command.PACK: "Aufträge packen",
        Command.CLOSE: "beendet die Ladung; noch einmal schließt sie",
        Command.TAKE_OVER: "holt einen Auftrag von einem anderen Platz",
        Command.RELABEL: "ein anderes Etikett für einen Karton; dann sein Etikett, warum",
        Command.SIGN_OUT: "wenn du gehst",
        Command.PALLET: "Pakete kommen auf eine Palette",
        Command.RECEIVE: "eine Lieferung wird gezählt",
        Command.PUT_BACK: "ein storniertes Paket geht zurück ins Regal",
        Command.TRANSFER_OUT: "Ware geht an einen anderen Standort",
        Command.TRANSFER_IN: "Ware kommt von einem anderen Standort",
        Command.COUNT: "ein Artikel in einem Fach wird gezählt",
        Command.LOT: "die Charge des letzten Scans",
        Command.DONE: "das war alles; noch einmal bucht es",
        Command.UNLOAD: "das nächste Paket kommt vom Wagen",
        Command.REMAINING: "scannen, was bleibt; der Rest ist auf dem Wagen",
        Command.ASIDE_DONE: "scannen, was beiseite steht und nicht im Wagen ist",
        Command.PICKUP: "ein Fahrer hat alles eines Tors",
        Command.CANNOT_REACH: "ein storniertes Paket liegt zu tief im Wagen",
    }
)

SIGN_IN = "AUSWEIS SCANNEN"
SIGN_IN_WHY = "Alles, was du hier packst, trägt deinen Namen."
PIN_NOW = "PIN"
PIN_HOW = "Tippe sie und Enter, oder scanne ihre Ziffern und OK. Ein anderer Ausweis meldet jemand anderen an."
SCAN_ORDER = "AUFTRAG SCANNEN"
SCAN_ORDER_HOW = "Scanne Beleg, Behälter oder einen einzelnen Artikel. Oder tippe die Nummer."
ITEM_OUT_OF = "SCANNE EINEN ARTIKEL AUS BEHÄLTER"
TOTE_EMPTY = "IST DER BEHÄLTER LEER?"
OPENING = "WIRD GEÖFFNET"
WAITING = "WARTEN"
NOT_KNOWN_YET = "NOCH UNBEKANNT"
WAITING_NOT_KNOWN = "Der Server hat noch nicht gesagt, was wartet."
NOTHING_WAITING = "Nichts wartet. Aufträge erscheinen hier von selbst."
NOTHING_GIVEN = "Der Server ist weg, und dieser Platz bekam vorher keine Aufträge."
NEXT_ORDERS = "NÄCHSTE AUFTRÄGE"
PARKED = "BEISEITE: BELEG SCANNEN"
PARKED_BY_HAND = "wartet auf Etikett"
SCAN_NEXT = "SCANNE"
MORE = "NOCH"
SHELF = "Fach"
LOT = "Charge"
SCAN_ITS_LOT = "SCANNE DIE CHARGE VON"
SCAN_ITS_SERIAL = "SCANNE DIE SERIENNUMMER VON"
LOOK_ALIKE = "▲ SIEHT ANDEREN ÄHNLICH"
BOX = "Karton"
NOTE = "!"
YOU_HAVE = "DU HAST"
TAKE_OUT = "HERAUSNEHMEN"
SCAN_OUT = "Scanne jedes davon, wenn du es herausnimmst."
NEW_LINES = "NEU"
STILL_NEEDS = "DIESER KARTON BRAUCHT NOCH"
WANTED_BY = "Für:"
NEEDS_NOTHING = "Dieser Karton braucht nichts mehr."
WAY_OUT = "Dann scanne OK am roten Korb, tritt aufs Pedal oder drück Enter."
WAY_OUT_ENDS = "Dann OK, das Pedal oder Enter. Dieser Karton ist hier beendet."
WAY_OUT_DOCK = "Nimm es vom Wagen. Dann scanne OK, tritt aufs Pedal oder drück Enter."
GOODS_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "receive": "LIEFERUNG",
        "put-back": "ZURÜCK INS REGAL",
        "send": "UMLAGERUNG RAUS",
        "arrive": "UMLAGERUNG REIN",
        "count": "REGAL ZÄHLEN",
    }
)
GOODS_SCAN: Mapping[str, str] = MappingProxyType(
    {
        "receive": "LIEFERSCHEIN",
        "put-back": "PAKET SCANNEN",
        "send": "NUMMER SCANNEN",
        "arrive": "NUMMER SCANNEN",
        "count": "ARTIKEL SCANNEN",
    }
)
GOODS_PAPERS: Mapping[str, str] = MappingProxyType(
    {
        "receive": "Nummer der Lieferung scannen oder tippen. Ohne eine: den ersten Artikel scannen.",
        "put-back": "Das Etikett des stornierten Pakets scannen, oder den Auftrag. Dann jeden Artikel.",
        "send": "Nummer der Umlagerung scannen oder tippen. Dann jeden Artikel, der auf den Wagen geht.",
        "arrive": "Nummer der Umlagerung scannen oder tippen. Dann jeden Artikel, der vom Wagen kommt.",
        "count": "Jedes Stück eines Artikels in einem Fach scannen. Ein Karton zählt seinen ganzen Inhalt.",
    }
)
GOODS_DO = "Jeden Artikel scannen. Eine Zahl danach: so viele davon. Am Ende DONE."
PALLET = "PALETTE"
PALLET_SCAN = "IHR CODE"
PALLET_HOW = "Scanne den Code auf dem Etikett der Palette, oder YES für ein neues. Dann jedes Paket, das darauf steht."
PALLET_DO = "Jedes Paket auf der Palette scannen. Am Ende DONE."
PALLET_AGAIN = "Noch einmal DONE bestätigt. Ein Paket geht weiter."
ON_PALLET = "DARAUF"
AT_PALLET = Ways("DONE beendet   UNDO nimmt das letzte ab   EMPTY verwirft", "Scanne ein Paket, DONE oder EMPTY.")
AT_PALLET_CODE = Ways(
    "YES druckt ein neues   OK geht zurück   PACK zum Packen", "Scanne den Code der Palette, oder OK zurück."
)
GOODS_LOT_DO = "LOT: das Etikett mit der Charge scannen, oder sie tippen. OK geht zurück."
GOODS_ASKS = "EINEN MOMENT"
GOODS_BOOKING = "BUCHT"
GOODS_BOOKED = "GEBUCHT"
GOODS_WAIT = "Der Server wird gefragt."
GOODS_KEPT = "Der Server antwortet nicht. Das Gezählte bleibt und wird von selbst gebucht."
COUNTED = "GEZÄHLT"
STILL_MISSING = "FEHLEN"
TOO_MANY = "ZU VIELE"
BY_THE_BOOK = "LAUT BUCH"
WHICH_TRUCK = "WELCHER WAGEN?"
WHICH_TRUCK_HOW = "Scanne den Code seiner Ladung, am Papier beim Anhänger. YES beginnt eine weitere."
NEW_LOAD = "NEUE LADUNG?"
BEGIN_ALONE = "SERVER WEG"
WHICH_PAPER = "WELCHE LADUNG?"
WHICH_PAPER_HOW = "Scanne den Code der Ladung von ihrer Ladeliste. Ihr Papier wird noch einmal gedruckt."
PICKUP_HOW = "Scanne YES, wenn der Fahrer alle hat. OK geht zurück."
PICKUP_LANE_HOW = "Wessen Fahrer war da? Scanne den Code des Tors."
MUST_LEAVE = "WARTET AUF EINEN WAGEN"
LOAD_STATES: Mapping[LoadState, str] = MappingProxyType(
    {
        LoadState.PLANNED: "geplant",
        LoadState.OPEN: "lädt",
        LoadState.CLOSING: "schließt",
        LoadState.CLOSED: "geschlossen",
    }
)
MODES_DO: Mapping[DockMode, str] = MappingProxyType(
    {
        DockMode.LOAD: "Scanne jedes Paket beim Laden. Scanne CLOSE, wenn der Wagen voll ist.",
        DockMode.UNLOAD: "UNLOAD: das nächste gescannte Paket kommt vom Wagen.",
        DockMode.REMAINING: "REMAINING: scanne jedes Paket, das hier bleibt. Dann CLOSE.",
        DockMode.ASIDE: "ASIDE DONE: scanne jedes Paket, das beiseite steht. OK beendet es.",
    }
)
STAYS = "BLEIBT HIER"
PARTLY = "teils geladen:"
ASSUMED = "ANGENOMMEN"
THE_REST = "REST IST DRAUF?"
CLOSE_ALONE = "SERVER WEG"
CLOSE_ALONE_HOW = "YES schließt ohne ihn: er erfährt es später. CLOSE versucht es wieder, OK lädt weiter."
LEFT_REASONS: Mapping[LeftReason, str] = MappingProxyType(
    {
        LeftReason.NO_SPACE: "kein Platz im Wagen",
        LeftReason.NOT_FOUND: "nicht gefunden",
        LeftReason.NOT_IN_TIME: "nicht rechtzeitig fertig",
        LeftReason.DAMAGED: "beschädigt",
        LeftReason.DRIVER_LEFT: "der Fahrer musste los",
        LeftReason.NEXT_LOAD: "geht mit der nächsten Ladung",
        LeftReason.OTHER: "etwas anderes",
    }
)
CARRIER_CLOSE: Mapping[str, str] = MappingProxyType(
    {
        "asking": "▲ Paketdienst: nicht erreicht, wird wieder gefragt",
        "pending": "▲ Paketdienst: weiß davon, hat noch nicht zugestimmt",
        "closed": "● Paketdienst: hat zugestimmt",
        "refused": "▲ Paketdienst: hat abgelehnt.",
    }
)
SCAN_LANE = "TOR SCANNEN"
SCAN_LANE_HOW = "Scanne den Code über dem Tor, an dem du lädst. Er öffnet die Ladung des Diensts."
NO_LANES = "Hier ist noch kein Tor bekannt."
LOADED = "GELADEN"
LEFT = "FEHLEN"
LOAD_OF = "Ladung"
DOCK = "Laden"
ASIDE = "BEISEITE"
SET_ASIDE = "BEISEITE, NICHT FÜR DIESEN WAGEN"
MISSING = "NOCH NICHT GELADEN"
MISSING_AT_CLOSE = "FEHLEN"
NONE = "keine"
LOADED_NOW = "Auf dem Wagen."
DOCK_DO = "Scanne jedes Paket beim Laden. Scanne CLOSE, wenn der Wagen voll ist."
CLOSE_ASK = "SCHLIESSEN?"
CLOSE_AGAIN = "Noch einmal CLOSE bestätigt. Jedes Paket geht zurück zum Laden."
CLOSING = "SCHLIESST"
CLOSING_WAIT = "Der Server hält die Ladeliste fest. Bitte warte."
CLOSED = "GESCHLOSSEN"
ON_TRUCK = "AUF DEM WAGEN"
CLOSED_DO = "Der Wagen darf fahren. Scanne ein Tor für den nächsten, oder PACK."
MANIFEST = "Ladeliste:"
MANIFEST_PRINTS = "● Ladeliste wird gedruckt:"
STOCK_TOLD = "● neuer Bestand ist allen Kanälen gesagt"
STOCK_NOT_TOLD = "▲ neuer Bestand wird den Kanälen noch gesagt"
UNSENT = "ungesendet"
TYPED_MARK = "(getippt)"
LINE_FULL = "Diese Zeile ist voll."
BOX_DONE = "Fertig."
HOLD_BADGE = "Halte deinen Ausweis unter den Scanner."
SECONDS = "s"
TYPED = "getippt:"
NEXT_HINT = "weiter:"
HINT_STOP = "drück Enter, oder tippe PPC-OK und drück Enter"
HINT_WAIT = "warte einen Moment"
HINT_STEP = "tu, was das Bild verlangt; YES ist PPC-YES"
HINT_DONE = "das war alles. Zweimal Strg-C beendet"
CLOCK_UNSET = "Uhr nicht gestellt"
NO_SOUND = "Keine Soundkarte: die Klingel des Terminals läutet."
QUIT_AGAIN = "Noch einmal Strg-C beendet diese Station."
GUIDE_TITLE = "PACKPROOF"
GUIDE_HEAD = "Zwei Minuten, ein Auftrag, ein Wagen. Mehr ist nicht zu tun:"
GUIDE_GO = "Scanne irgendetwas oder drück Enter."


def stays_open(number: str) -> str:
    """A box stands here while nobody is signed in."""
    return f"Karton {number} steht hier offen. Dein Ausweis übernimmt ihn."


def pace(orders: int, units_: int, caught: int) -> str:
    """What a person did, told to nobody but them."""
    done = f"Heute: {plural(orders, 'Auftrag')}, {units(units_)}."
    return f"{done} {caught} Fehler bemerkt, bevor etwas hinausging." if caught else done


def of(done: int, total: int) -> str:
    """Counts of one line."""
    return f"{done} von {total}"


def units_to_go(count: int, total: int) -> str:
    """What is open of the whole order."""
    return f"noch {count} von {total} Stück"


def part_of(kit: str) -> str:
    """A component under its kit."""
    return f"Teil von {kit}"


def below(line_count: int, unit_count: int) -> str:
    """What the list does not show."""
    return f"▼ {lines(line_count)}, {units(unit_count)} darunter"


def above(line_count: int, unit_count: int) -> str:
    """What the list does not show, above."""
    return f"▲ {lines(line_count)}, {unit_count} offene Stück darüber"


_MANY = {"Auftrag": "Aufträge", "Stück": "Stück", "Zeile": "Zeilen", "Paket": "Pakete"}


def plural(count: int, one: str) -> str:
    """A count with its word."""
    return f"{count} {one if count == 1 else _MANY.get(one, one)}"


def units(count: int) -> str:
    """Things to pack."""
    return plural(count, "Stück")


def lines(count: int) -> str:
    """Lines of an order."""
    return plural(count, "Zeile")


def and_more(count: int) -> str:
    """The rest of a list."""
    return f"und {count} weitere"


def which_item(problem: Reason) -> Says:
    """What is wrong was scanned; the item is not known yet."""
    return Says(
        f"{REASONS[problem].title}: WELCHER ARTIKEL?",
        "Scanne ihn. Kein Artikel: denselben Code noch einmal. OK geht zurück.",
        "WELCHER?",
    )


def not_counted(names: tuple[str, ...]) -> str:
    """Scans made while stopped: how many, and each thing once with its count, the latest first."""
    if not names:
        return "Seither wurde nichts gescannt."
    grouped = Counter(reversed(names)).items()
    return f"NICHT GEZÄHLT: {len(names)} · " + ",  ".join(f"{n} × {name}" if n > 1 else name for name, n in grouped)


def wanted(orders: Iterable[tuple[str, str, str]]) -> str:
    """Whose item it is, from (number, bench, tote); empty where nobody knows."""
    said = [
        f"{number} {f'an {bench}' if bench else f'im Behälter {tote}' if tote else 'wartet hier'}"
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
    return f"Etikett {tracking} ist gekauft: zerstöre es, am Karton oder noch im Drucker."


def case_too_large(case: int, wanted: int) -> Says:
    """A case of the right item with more in it than the box needs."""
    title = f"GEBINDE ZU GROSS: {case} darin, der Karton braucht {wanted}"
    return Says(title, "Leg das Gebinde in den roten Korb. Scanne einzelne Stücke.", "ZU GROSS")


def stage(at: LabelStage, detail: str = "") -> Says:
    """What to do now; while nothing prints that is about the printer."""
    if at is LabelStage.PRINTING and detail:
        return next(says for words, says in PRINTER_NEEDS.items() if words in detail)
    return STAGES.get(at) or en.STAGES[at]


def fetch(bench: str) -> str:
    """Wo das Etikett des offenen Kartons herauskommt, wenn das ein anderer Platz ist."""
    return f"Sein Etikett kommt bei {bench}: hol es dort. Davor liegt ein Zettel mit der Nummer dieses Auftrags."


def just_closed(number: str) -> str:
    """The order that is done."""
    return f"✔ {number} ist gepackt und etikettiert"


def told(channel: str, done: int, total: int) -> str:
    """How far a channel knows the tracking numbers."""
    return f"{'●' if done >= total else '▲'} {channel}: {done} von {plural(total, 'Paket')} gemeldet"


def plus(count: int) -> str:
    """Before the first of several lines: how many follow it."""
    return en.plus(count)


def ago(count: float) -> str:
    """How long something has waited."""
    return span(max(0.0, count))


def span(count: float) -> str:
    """Seconds as the two figures a person needs."""
    minutes = int(count // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d}" if hours < 48 else f"{hours // 24} Tage"


def until(count: float, carrier: str = "") -> str:
    """Time to the carrier's cut-off."""
    to = f" bis {carrier}" if carrier else ""
    return f"{span(count)}{to}" if count >= 0 else f"▲ ZU SPÄT {span(-count)}"


def parked_why(reason: Reason, to_go: int) -> str:
    """Why a box waits; one put aside by hand says how many units it still lacks."""
    # A box parked while its label was being bought is no different to the packer.
    if reason in ENDS_SESSION:
        return f"{REASONS[reason].title.lower()}: heraussuchen"
    if reason not in (Reason.OK, Reason.NOT_READY):
        return (REASONS.get(reason) or en.REASONS[reason]).title.lower()
    return f"noch {units(to_go)}" if to_go else PARKED_BY_HAND


def lamp(shown: Lamp) -> str:
    """The words beside a light."""
    known = LAMPS.get(shown.state, en.LAMPS[shown.state])
    said = known.format(time=brief(shown.number), count=f"{shown.number:.0f}")
    return " ".join(part for part in (said, shown.words) if part)


def clock(ahead: float) -> str:
    """By how much this bench's clock is wrong, in seconds; empty for 0."""
    return f"Uhr {brief(abs(ahead))} {'vor' if ahead > 0 else 'nach'}" if ahead else ""


def brief(seconds: float) -> str:
    """A time in one figure."""
    return en.brief(seconds)


def then(steps: str) -> str:
    """What follows the open step."""
    return f"dann: {steps}"


def pack_as(profile: str) -> str:
    return f"Verpacken als: {profile}"


def or_scan(do: str, code: str) -> str:
    """What confirms a step with a code of its own."""
    return f"{do.removesuffix('.')}, oder scanne {code}."


def box_number(number: int, total: int | None) -> str:
    """Which box, of an order in several."""
    return f"KARTON {number} VON {total}" if total else f"KARTON {number}"


def weight_off(off: int, units: int, item: str) -> str:
    """How much a box is off, in grams, and what probably causes it."""
    much = f"{abs(off)} g zu {'leicht' if off < 0 else 'schwer'}"
    if not item:
        return f"{much}."
    return f"{much}: wohl {units} × {item} {'fehlt' if off < 0 else 'zu viel'}."


def weight_do(reason: Reason) -> str:
    """What to do about a weight that is not right."""
    if reason is Reason.OVERWEIGHT:
        return "Nimm mit UNDO etwas heraus, oder nimm den nächsten Karton."
    return "Prüfe den Karton und wiege noch einmal. Der Ausweis der Leitung lässt ihn durch."


def goods_ask(kind: str, missing: int) -> str:
    """Vor dem Buchen: was ein zweites DONE bedeutet."""
    if not missing:
        return "Alles gezählt? Noch einmal DONE bucht es. Jeder Artikel zählt weiter."
    rest = {
        "put-back": f"{missing} Stück bleiben gesperrt. Gar nicht im Paket? Die Leitung scannt MISSING.",
        "arrive": f"{missing} Stück kamen nicht: sie werden als Verlust gebucht.",
    }.get(kind, f"{missing} Stück der Liste fehlen.")
    return f"{rest} Noch einmal DONE bucht es."


def goods_after(kind: str, missing: int) -> str:
    """Nach dem Buchen: was man wissen muss."""
    if kind == "put-back":
        return "Sie sind wieder im Verkauf." if not missing else f"{missing} Stück sind noch nicht zurück."
    return {"arrive": "Was nicht kam, ist festgehalten.", "send": "Der Wagen darf fahren."}.get(
        kind, "Der Bestand stimmt jetzt."
    )


def parcels(count: int) -> str:
    """Kartons mit Etikett."""
    return plural(count, "Paket")


def loaded_of(count: int) -> str:
    """Was auf einer Ladung ist."""
    return f"{count} darauf"


def pickup_word(count: int) -> str:
    """Wie viele ein Fahrer haben soll."""
    return f"ALLE {count} WEG?"


def begin_alone_how(what: str, at: str) -> str:
    """Ein Tor oder eine Ladung, ohne Server."""
    return f"{what}: Pakete und Stornos sind bekannt bis {at}. YES lädt trotzdem; der Server erfährt es später."


def begin_alone_which(what: str, at: str) -> str:
    """Dasselbe, von einem Tor mit mehreren Ladungen."""
    return f"{what}: bekannt bis {at}. Scanne den Code seiner Ladung, oder YES für eine weitere."


def new_load_how(lane: str) -> str:
    """Ein Tor ohne Ladung."""
    return f"{lane} hat hier keine Ladung. Scanne YES, um eine zu beginnen, oder ein anderes Tor."


def leave_today(count: int) -> str:
    """Pakete, die heute hinaus müssen."""
    return f"{parcels(count)} heute raus"


def not_ready(count: int) -> str:
    """Etiketten, die noch niemand am Karton gescannt hat."""
    return f"{count} noch nicht gepackt"


def pull(order: str, tracking: str, position: int, total: int, at: str) -> str:
    """Ein storniertes Paket auf dem Wagen, und wo."""
    return (
        f"Auftrag {order} ist storniert: {tracking} herunter, {position} von {total}, {at}. Scannen, oder CANNOT REACH."
    )


def assume_how(count: int) -> str:
    """Was bleibt, ist gescannt; die anderen gelten als geladen."""
    return f"Die Leitung sagt mit ihrem Ausweis, dass die anderen {count} im Wagen sind. Jedes wird vermerkt."


def because_left(reason: str) -> str:
    """Warum Pakete bleiben."""
    return f"Sie bleiben, Grund: {reason}. Eine andere Nummer ändert ihn."


def closed_alone(at: str) -> str:
    """Eine Ladung, die fuhr, bevor der Server es wusste."""
    known = f" Stornos sind bekannt bis {at}." if at else ""
    return f"▲ Ohne den Server geschlossen.{known} Er erfährt es von selbst."
