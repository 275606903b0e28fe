// Lambda's Runtime API -> calls of a bundle's handler: a stand-in for `aws-lambda-ric`, whose native part needs CMake and
// autotools to build. It loads the bundle as that does, keeps its connection, and is as small as can be, which is in
// Node's favour.

import http from "node:http";
import { createRequire } from "node:module";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const base = "/2018-06-01/runtime";

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const request = http.request({ host, port, agent, method, path: base + path, headers }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

function failure(error) {
  return JSON.stringify({ errorType: error.name, errorMessage: error.message, trace: (error.stack ?? "").split("\n") });
}

let handler;
try {
  ({ handler } = createRequire(import.meta.url)(process.argv[2]));
} catch (error) {
  await call("POST", "/init/error", failure(error));
  throw error;
}
for (;;) {
  const { headers, body } = await call("GET", "/invocation/next");
  const id = headers["lambda-runtime-aws-request-id"];
  const context = {
    awsRequestId: id,
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    getRemainingTimeInMillis: () => Number(headers["lambda-runtime-deadline-ms"]) - Date.now(),
  };
  try {
    const answer = await handler(JSON.parse(body), context);
    await call("POST", `/invocation/${id}/response`, JSON.stringify(answer));
  } catch (error) {
    await call("POST", `/invocation/${id}/error`, failure(error));
  }
}
