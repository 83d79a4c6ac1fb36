"""`python -m tests.benchmarks.stubborn`: a program that does not end when it is asked to."""

import signal

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("ready", flush=True)
    while True:
        signal.pause()
