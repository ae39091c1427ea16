"""The commands of `packproof`, one short file each. The only place that may import every part of the server.

Data goes to standard output, narration to standard error; a refusal is one sentence and exit code 2. Commands import
inside their functions, because somebody who asks for help should not wait. The station is never imported: it runs as a
process of its own. `doctor` may look at devices through `scanners.discovery` and `printing.printers`.
"""
