"""The stand-in for AWS as a process of its own, over TLS, and how often each operation was called."""

import os
import re
import signal
import subprocess
from collections import Counter
from pathlib import Path

from function import cpu_of

# Python has as many roots as a system; this function has Amazon's alone, and Node the usual ones built in.
SYSTEM_ROOTS = Path("/etc/ssl/certs/ca-certificates.crt")
AMAZON_ROOTS = Path(__file__).resolve().parent.parent / "src" / "aws" / "http" / "amazon-roots.pem"


class Aws:
    """A stand-in that runs until the block ends; `calls` is filled then: (operation, error) -> times."""

    def __init__(self, provisionctl, folder, seed, service_time=0):
        self.certificate = folder / "standin.pem"
        self.many, self.few = folder / "many.pem", folder / "few.pem"
        command = [provisionctl, "standin", "--port", "0", "--tls", self.certificate, "--seed", seed]
        self.process = subprocess.Popen(
            [*command, "--service-time", str(service_time)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.exported = {}
        while "SSL_CERT_FILE" not in self.exported:
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError(f"the stand-in does not start: {self.process.stderr.read()}")
            self.exported.update(re.findall(r"(\w+)=(\S+)", line))
        # Reading them is a good part of a cold start, so each has as many as in AWS, and the stand-in's.
        for trusted, roots in [(self.many, SYSTEM_ROOTS), (self.few, AMAZON_ROOTS)]:
            trusted.write_text(roots.read_text() + self.certificate.read_text())
        self.calls = Counter()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        _, told = self.process.communicate(timeout=10)
        for times, operation, error in re.findall(r"^ +(\d+) (\w+)(?: (\w+))?$", told, re.M):
            self.calls[operation, error] += int(times)

    def environment(self):
        """What a function needs to take it for AWS."""
        return {
            **self.exported,
            "SSL_CERT_FILE": os.fspath(self.few),
            "AWS_CA_BUNDLE": os.fspath(self.many),
            "NODE_EXTRA_CA_CERTS": os.fspath(self.certificate),
            "PROVISIONER_MAX_RECEIVE_COUNT": "500",
        }

    def cpu(self):
        """The CPU time that it has used."""
        return cpu_of(self.process.pid)

    def created(self):
        return self.calls["CreateUser", ""]

    def throttled(self):
        return sum(times for (_, error), times in self.calls.items() if error == "ThrottlingException")
