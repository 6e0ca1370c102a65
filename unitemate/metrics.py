"""What is measured of requests."""

from realtime.operations import views
from realtime.telemetry.instruments import counter, histogram

REQUESTS = counter("unitemate_http_requests_total", "Requests that were answered.", "route", "method", "status")
SECONDS = histogram("unitemate_http_request_seconds", "From a request to its answer.", "route")
RECEIVED = counter("unitemate_http_received_bytes_total", "Bytes of requests, with headers.", "route")
SENT = counter("unitemate_http_sent_bytes_total", "Bytes of answers, with headers.", "route")

views.rate("requests", REQUESTS.name)
views.rate("refused", REQUESTS.name, "Requests answered with 4xx.", where=lambda labels: labels["status"][0] == "4")
views.rate("failed", REQUESTS.name, "Requests answered with 5xx.", where=lambda labels: labels["status"][0] == "5")
