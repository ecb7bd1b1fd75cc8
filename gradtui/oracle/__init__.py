"""The same program over real torch, in a child process, and its events compared with ours.

events = run_torch(program)                       # gradtui.oracle.client
child = TorchChild(); child.run(program, on_events, on_finished)
Comparison(ours).feed(events)                     # gradtui.oracle.compare
"""
