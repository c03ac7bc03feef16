#include "delivery/http_transfer.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "base/ascii.h"
#include "base/check.h"
#include "base/ip.h"
#include "delivery/curl_thread.h"

namespace countersign::delivery {
namespace {

constexpr std::size_t kHeaderBytesMax = 64 * 1024;
constexpr long kUploadBuffer = 16 * 1024;  ///< The least. Messages are much smaller.
/// Of answers that may be short and mostly are; libcurl allocates it for each transfer as long as it lasts.
constexpr long kReceiveBuffer = 2 * 1024;
constexpr std::size_t kShortAnswer = 64 * 1024;

HttpError unusable(std::string detail) { return {HttpFault::kOther, std::move(detail), false}; }

std::optional<std::string> part_of(CURLU* url, CURLUPart part, unsigned flags) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return std::nullopt;
  std::string copy(text);
  curl_free(text);
  return copy;
}

bool is_token(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
}

bool is_header_value(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

std::optional<IpAddress> address_of(const sockaddr* address) {
  const auto from = [](const auto& bytes) {
    return IpAddress::from_bytes({reinterpret_cast<const char*>(&bytes), sizeof bytes});
  };
  if (address->sa_family == AF_INET) return from(reinterpret_cast<const sockaddr_in*>(address)->sin_addr);
  if (address->sa_family == AF_INET6) return from(reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr);
  return std::nullopt;
}

bool is_public(const std::optional<IpAddress>& address) { return address && address->is_public(); }

HttpFault fault_of(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return HttpFault::kTimeout;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return HttpFault::kResolve;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
      return HttpFault::kTls;
    case CURLE_COULDNT_CONNECT:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_FAIL_REWIND:  // A kept connection turned out dead, and the body is not sent twice.
      return HttpFault::kConnect;
    default:
      return HttpFault::kOther;
  }
}

}  // namespace

Result<Target, HttpError> read_target(const std::string& url, PlainHttp plain_http) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), &curl_url_cleanup);
  CS_CHECK(parsed);
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_DISALLOW_USER) != CURLUE_OK) {
    return fail(unusable("the URL is malformed or holds credentials"));
  }
  const auto scheme = part_of(parsed.get(), CURLUPART_SCHEME, 0);
  if (scheme != "https" && !(scheme == "http" && plain_http == PlainHttp::kAllowed)) {
    return fail(unusable("the URL's scheme is not allowed"));
  }
  auto host = part_of(parsed.get(), CURLUPART_HOST, 0);
  const auto port = part_of(parsed.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  if (!host || !port) return fail(unusable("the URL names no host"));
  if (host->size() > 2 && host->front() == '[') *host = host->substr(1, host->size() - 2);
  return Target{*host + ':' + *port, *host};
}

HttpTransfer::HttpTransfer(WaitingCall waiting, EasyHandle easy, const HttpClientOptions& options, const Clock& clock)
    : waiting_(std::move(waiting)),
      options_(options),
      clock_(clock),
      started_(clock.monotonic()),
      easy_(easy ? std::move(easy) : EasyHandle(curl_easy_init())) {
  CS_CHECK(easy_);
}

// The buffers of what was sent and received are gone with the end of the transfer, wiped where they were freed.
EasyHandle HttpTransfer::take_handle() {
  curl_easy_reset(easy_.get());
  return std::move(easy_);
}

template <class Value>
void HttpTransfer::set(CURLoption option, Value value) {
  CS_CHECK(curl_easy_setopt(easy_.get(), option, value) == CURLE_OK);
}

bool HttpTransfer::guarded() const { return waiting_.call.addresses == AddressPolicy::kPublicOnly; }

std::optional<HttpError> HttpTransfer::prepare() {
  const auto& call = waiting_.call;
  const auto literal = guarded() ? IpAddress::parse(waiting_.name) : std::nullopt;
  if (literal && !literal->is_public()) {
    return HttpError{HttpFault::kRefusedAddress, "the address is not a public one", false};
  }
  if (!is_token(call.method)) return unusable("the method is malformed");
  if (!set_headers()) return unusable("a header is malformed");
  set_request();
  set_limits();
  set_security();
  return std::nullopt;
}

bool HttpTransfer::set_headers() {
  const auto append = [this](const std::string& line) {
    auto* longer = curl_slist_append(list_.get(), line.c_str());
    CS_CHECK(longer != nullptr);
    if (!list_) list_.reset(longer);
  };
  append("Expect:");  // No "100-continue" round trip for bodies over 1 KiB.
  for (const auto& [name, value] : waiting_.call.headers) {
    if (!is_token(name) || !is_header_value(value)) return false;
    append(value.empty() ? name + ';' : name + ": " + value);
  }
  return true;
}

void HttpTransfer::set_request() {
  const auto& call = waiting_.call;
  set(CURLOPT_URL, call.url.c_str());
  set(CURLOPT_HTTPHEADER, list_.get());
  set(CURLOPT_USERAGENT, options_.user_agent.c_str());
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_UPLOAD_BUFFERSIZE, kUploadBuffer);
  if (call.response_max <= kShortAnswer) set(CURLOPT_BUFFERSIZE, kReceiveBuffer);
  if (call.method != "GET" || !call.body.empty()) {
    // libcurl repeats a request by itself when a kept connection breaks before the answer, if it can rewind the body.
    // This body cannot be rewound: only the outbox decides about retries.
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
    set(CURLOPT_READFUNCTION, &HttpTransfer::on_read);
    set(CURLOPT_READDATA, this);
    set(CURLOPT_CUSTOMREQUEST, call.method.c_str());
  }
  if (call.auth) {
    set(CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    set(CURLOPT_USERNAME, call.auth->user.c_str());
    set(CURLOPT_PASSWORD, call.auth->password.expose().c_str());
  }
  set(CURLOPT_WRITEFUNCTION, &HttpTransfer::on_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_HEADERFUNCTION, &HttpTransfer::on_header);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_ERRORBUFFER, &message_[0]);
  set(CURLOPT_PRIVATE, this);
}

void HttpTransfer::set_limits() {
  // libcurl treats 0 as unlimited.
  const auto total = std::max<std::chrono::milliseconds::rep>(waiting_.call.total_timeout.count(), 1);
  const auto connect = std::clamp<std::chrono::milliseconds::rep>(waiting_.call.connect_timeout.count(), 1, total);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(total));
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect));
  set(CURLOPT_MAXAGE_CONN, static_cast<long>(options_.idle_max.count()));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_FOLLOWLOCATION, 0L);
}

void HttpTransfer::set_security() {
  set(CURLOPT_PROTOCOLS_STR, waiting_.call.plain_http == PlainHttp::kAllowed ? "https,http" : "https");
  require_verified_tls(easy_.get(), options_.ca_bundle);
  set(CURLOPT_PROXY, options_.proxy.c_str());  // Empty: none, and the environment is ignored.
  set(CURLOPT_NOPROXY, "");
  if (guarded() && options_.proxy.empty()) {
    set(CURLOPT_OPENSOCKETFUNCTION, &HttpTransfer::on_open);
    set(CURLOPT_OPENSOCKETDATA, this);
    set(CURLOPT_PREREQFUNCTION, &HttpTransfer::on_connected);
    set(CURLOPT_PREREQDATA, this);
  }
}

std::size_t HttpTransfer::on_read(char* out, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  const std::string_view rest = std::string_view(transfer.waiting_.call.body).substr(transfer.sent_);
  const std::size_t length = std::min(rest.size(), size * count);
  std::memcpy(out, rest.data(), length);
  transfer.sent_ += length;
  return length;
}

std::size_t HttpTransfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  const std::size_t length = size * count;
  if (length > transfer.waiting_.call.response_max - transfer.answer_.body.size()) {
    transfer.too_large_ = true;
    return 0;
  }
  transfer.answer_.body.append(data, length);
  return length;
}

std::size_t HttpTransfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  const std::size_t length = size * count;
  transfer.header_bytes_ += length;
  if (transfer.header_bytes_ > kHeaderBytesMax) {
    transfer.too_large_ = true;
    return 0;
  }
  std::string_view line(data, length);
  if (line.starts_with("HTTP/")) transfer.answer_.headers.clear();  // An interim answer (1xx) came first.
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return length;
  std::string name = lower_case(line.substr(0, colon));
  constexpr std::string_view kSpace = " \t\r\n";
  line.remove_prefix(std::min(line.find_first_not_of(kSpace, colon + 1), line.size()));
  line = line.substr(0, line.find_last_not_of(kSpace) + 1);
  transfer.answer_.headers.emplace_back(std::move(name), line);
  return length;
}

curl_socket_t HttpTransfer::on_open(void* self, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  if (!is_public(address_of(&address->addr))) {
    transfer.address_refused_ = true;
    return CURL_SOCKET_BAD;
  }
  transfer.address_tried_ = true;
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// A guarded call may reuse a connection opened by an unguarded one; on_open() does not run then.
int HttpTransfer::on_connected(void* self, char* remote_ip, char*, int, int) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  if (is_public(IpAddress::parse(remote_ip))) return CURL_PREREQFUNC_OK;
  transfer.address_refused_ = true;
  transfer.address_tried_ = false;
  return CURL_PREREQFUNC_ABORT;
}

bool HttpTransfer::request_left() const {
  long bytes = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &bytes);
  return bytes > 0 || sent_ > 0;
}

HttpError HttpTransfer::error_of(CURLcode code) const {
  if (address_refused_ && !address_tried_) {
    return {HttpFault::kRefusedAddress, "every address of the host is refused: none is public", false};
  }
  if (too_large_) return {HttpFault::kTooLarge, "the answer is larger than allowed", request_left()};
  return {fault_of(code), message_[0] != '\0' ? &message_[0] : curl_easy_strerror(code), request_left()};
}

void HttpTransfer::finish(CURLcode code) {
  if (code != CURLE_OK) return finish(error_of(code));
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  answer_.status = static_cast<int>(status);
  answer_.duration = clock_.monotonic() - started_;
  waiting_.done(std::move(answer_));
}

void HttpTransfer::finish(HttpError error) { waiting_.done(fail(std::move(error))); }

}  // namespace countersign::delivery
