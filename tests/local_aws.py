"""AWS on loopback, not written by this project: PyPI's `ministack` and `moto[server]`."""

import os
import subprocess
import time
import urllib.request

from aws_cli import free_port


class LocalAws:
    """A server that is started, waited for, and stopped."""

    def __init__(self, command, health, environment=None):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.health = self.url + health
        command = [word.format(port=port) for word in command]
        environment = os.environ | {name: text.format(port=port) for name, text in (environment or {}).items()}
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while not self.is_healthy():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError(f"{command[0]} does not start")
            time.sleep(0.1)

    def is_healthy(self):
        try:
            return urllib.request.urlopen(self.health, timeout=1).status == 200
        except OSError:
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait()


def ministack():
    # The last is where it sends the calls of the functions that it runs.
    environment = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": "{port}", "AWS_ENDPOINT_URL": "http://127.0.0.1:{port}"}
    return LocalAws(["ministack"], "/_ministack/health", environment)


def moto():
    return LocalAws(["moto_server", "-H", "127.0.0.1", "-p", "{port}"], "/moto-api/data.json")
