"""A function's process behind a Lambda Runtime API of its own, and what it used of CPU, time and memory."""

import json
import os
import queue
import subprocess
import threading
import time
import uuid
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATIENCE = 900
# As AWS Lambda Developer Guide, "Defined runtime environment variables".
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "LANG": "en_US.UTF-8",
    "TZ": ":UTC",
    "AWS_LAMBDA_FUNCTION_NAME": "hr-join",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/hr-join",
    "AWS_LAMBDA_LOG_STREAM_NAME": "2026/01/01/[$LATEST]0",
}

# And in its init phase, in which this function looks up what its first join needs.
IN_INIT = {"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}


@dataclass
class Moment:
    """The clock on the wall, and the CPU time of all threads that the function has used until then."""

    wall: float
    cpu: float

    def since(self, earlier):
        return Moment(self.wall - earlier.wall, self.cpu - earlier.cpu)


def cpu_of(process):
    """The CPU time of all threads of a process: MAKE_PROCESS_CPUCLOCK(pid, CPUCLOCK_SCHED) of Linux."""
    return time.clock_gettime((~process << 3) | 2)


class Function:
    """A function that was started and is asked to handle one event after the other."""

    def __init__(self, command, environment, folder, log):
        self.events, self.arrivals, self.answers = queue.Queue(), queue.Queue(), queue.Queue()
        self.process = None
        self.started = threading.Event()
        self.api = ThreadingHTTPServer(("127.0.0.1", 0), runtime_api(self))
        self.api.daemon_threads = True
        threading.Thread(target=self.api.serve_forever, daemon=True).start()
        address = f"127.0.0.1:{self.api.server_port}"
        variables = {**ENVIRONMENT, **environment, "AWS_LAMBDA_RUNTIME_API": address}
        with open(log, "ab") as output:
            self.spawned = Moment(time.monotonic(), 0)
            self.process = subprocess.Popen(command, env=variables, cwd=folder, stdout=output, stderr=output)
        self.started.set()
        self.waiting = self._taken(self.arrivals)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.api.shutdown()
        self.api.server_close()

    def moment(self):
        return Moment(time.monotonic(), cpu_of(self.process.pid))

    def peak_kib(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))

    def invoke(self, event):
        """Hands over an event; the answer, when it came, and when the function asked for the next one."""
        self.waiting = None
        self.events.put(json.dumps(event).encode())
        answered, body = self._taken(self.answers)
        self.waiting = self._taken(self.arrivals)
        return body, answered, self.waiting

    def _taken(self, moments):
        for _ in range(PATIENCE * 4):
            try:
                return moments.get(timeout=0.25)
            except queue.Empty:
                if self.process.poll() is not None:
                    raise RuntimeError(f"the function ended with {self.process.returncode}") from None
        raise TimeoutError("the function does not answer")


def runtime_api(function):
    """The part of the Runtime API that a function uses (Lambda Developer Guide, "Using the Lambda runtime API")."""

    class Api(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_GET(self):
            function.started.wait()
            function.arrivals.put(function.moment())
            event = function.events.get()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("lambda-runtime-aws-request-id", str(uuid.uuid4()))
            self.send_header("lambda-runtime-deadline-ms", str(int((time.time() + PATIENCE) * 1000)))
            self.send_header(
                "lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-west-2:111122223333:function:hr-join"
            )
            self.send_header("content-length", str(len(event)))
            self.end_headers()
            self.wfile.write(event)

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            answered = function.moment()
            self.send_response(202)
            self.send_header("content-length", "0")
            self.end_headers()
            if self.path.endswith("/response"):
                function.answers.put((answered, json.loads(body)))
            else:
                function.answers.put((answered, {"failed": body.decode()}))

        def log_message(self, *_):
            pass

    return Api
