"""An invented year at Kraken in the venue's own formats, and the tour that shows it.

A trader puts up 0.5 BTC, bought in 2020 for 5,720, and 6,000 USD. In January she shorts 2 BTC at
104,500, covers at 93,900 three days later, and withdraws most of the profit. In February she goes
long 1.8 BTC at 95,300 with 5x. The price falls: at 84,100 the margin level is below 80 %, a call;
at 78,450 the venue liquidates. The position lost 30,330; the dollars do not suffice, so 0.33 of her
own BTC are taken for 25,928.51. They cost 3,781: a long-term gain of 22,147.47 that is taxed
although she lost money. At the end of the year she holds 0.12 BTC, and a long of 12 ETH.

The files are made by `python -m tests.make_demo` and are the same bytes each time.
"""
