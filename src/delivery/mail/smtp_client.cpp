#include "delivery/mail/smtp_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/ascii.h"
#include "base/check.h"
#include "delivery/curl_thread.h"
#include "delivery/mail/smtp_answer.h"

namespace countersign::delivery {
namespace {

/// A server's time-out between two mails is at least five minutes. [RFC 5321, 4.5.3.2.7]
constexpr long kIdleSeconds = 120;

ProviderError unavailable(std::string detail) {
  return {Fault::kUnavailable, PersonNotice::kTemporarilyUnavailable, "", std::move(detail), std::nullopt};
}

ProviderError misconfigured(std::string detail) {
  return {Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "", std::move(detail), std::nullopt};
}

/// The person needs another way, and the operator another server.
ProviderError no_smtputf8() {
  return {Fault::kUnsupportedAddress, PersonNotice::kTryAnotherWay, "smtputf8",
          "the mail server does not offer SMTPUTF8, without which it takes no letters outside ASCII before the @",
          std::nullopt};
}

}  // namespace

/// One handle of libcurl, which keeps the connection from one mail to the next.
class SmtpClient::Connection {
 public:
  Connection(const SmtpOptions& options, const SmtpClient& client)
      : options_(options), client_(client), easy_(curl_easy_init()) {
    CS_CHECK(easy_);
  }

  Result<Done, ProviderError> hand_over(SmtpMail& mail) {
    needs_utf8_ = std::ranges::any_of(mail.to, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    CURLcode code = attempt(mail, false);
    if (code != CURLE_OK && was_dead(code)) code = attempt(mail, true);
    if (code == CURLE_OK) return Done{};
    return fail(error_of(code, mail));
  }

 private:
  static std::size_t on_read(char* out, std::size_t size, std::size_t count, void* self) {
    auto& connection = *static_cast<Connection*>(self);
    const std::size_t length = std::min(connection.rest_.size(), size * count);
    std::memcpy(out, connection.rest_.data(), length);
    connection.rest_.remove_prefix(length);
    connection.begun_ = true;
    return length;
  }

  /// Every line that the server answers, of which the last counts. What it says to QUIT, with which libcurl closes the
  /// connection after a refusal, says nothing of the mail.
  static std::size_t on_line(char* data, std::size_t size, std::size_t count, void* self) {
    auto& connection = *static_cast<Connection*>(self);
    const std::string_view line(data, size * count);
    if (auto answer = read_smtp_answer(line); answer.code != 0 && answer.code != 221)
      connection.answer_ = std::move(answer);
    return connection.may_go_on(line) ? size * count : 0;
  }

  /// Follows what the server offers; false where the mail cannot go on, so that libcurl closes the connection.
  ///
  /// The offer of the last EHLO counts: STARTTLS, whose answer is 220 as the greeting is, makes the one before void.
  /// After its last line, and a sign-in, which ends with 235, the next 250 answers MAIL: no recipient is named yet.
  bool may_go_on(std::string_view line) {
    if (line.starts_with("220")) {
      offers_utf8_ = greeted_ = false;
    } else if (line.starts_with("250") && !greeted_) {
      const std::string word = lower_case(line.substr(std::min<std::size_t>(4, line.size())));
      offers_utf8_ = offers_utf8_ || word.starts_with("smtputf8");
      greeted_ = line.starts_with("250 ") || line.size() < 4;
    } else if (line.starts_with("250")) {
      lacks_utf8_ = needs_utf8_ && !offers_utf8_;
    }
    return !lacks_utf8_;
  }

  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    const auto& connection = *static_cast<Connection*>(self);
    return connection.client_.is_stopping() ? 1 : 0;
  }

  struct EasyCleanup {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  struct ListFree {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  template <class Value>
  void set(CURLoption option, Value value) {
    CS_CHECK(curl_easy_setopt(easy_.get(), option, value) == CURLE_OK);
  }

  CURLcode attempt(const SmtpMail& mail, bool fresh) {
    curl_easy_reset(easy_.get());
    answer_ = {};
    lacks_utf8_ = false;
    rest_ = mail.content;
    begun_ = false;
    message_[0] = '\0';
    const std::unique_ptr<curl_slist, ListFree> recipients(curl_slist_append(nullptr, mail.to.c_str()));
    CS_CHECK(recipients);
    set_mail(mail, recipients.get());
    set_server(fresh);
    return curl_easy_perform(easy_.get());
  }

  void set_mail(const SmtpMail& mail, curl_slist* recipients) {
    set(CURLOPT_MAIL_FROM, mail.return_path.c_str());
    set(CURLOPT_MAIL_RCPT, recipients);
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(mail.content.size()));
    set(CURLOPT_READFUNCTION, &Connection::on_read);
    set(CURLOPT_READDATA, this);
    set(CURLOPT_HEADERFUNCTION, &Connection::on_line);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_XFERINFOFUNCTION, &Connection::on_progress);
    set(CURLOPT_XFERINFODATA, this);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_ERRORBUFFER, &message_[0]);
  }

  void set_server(bool fresh) {
    const bool implicit = options_.tls == SmtpTls::kImplicit;
    // libcurl takes the path for the name in EHLO.
    const std::string url =
        fmt::format("{}://{}:{}/{}", implicit ? "smtps" : "smtp", options_.host, options_.port, options_.helo);
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, implicit ? "smtps" : "smtp");
    set(CURLOPT_USE_SSL, static_cast<long>(options_.tls == SmtpTls::kNone ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    require_verified_tls(easy_.get(), options_.ca_bundle);
    if (!options_.user.empty()) {
      set(CURLOPT_USERNAME, options_.user.c_str());
      set(CURLOPT_PASSWORD, options_.password.expose().c_str());
      set(CURLOPT_SASL_IR, 1L);
    }
    set(CURLOPT_PROXY, "");  // The environment's is never read.
    set(CURLOPT_NOPROXY, "");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout.count()));
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.timeout.count()));
    set(CURLOPT_MAXAGE_CONN, kIdleSeconds);
    set(CURLOPT_MAXCONNECTS, 1L);
    if (fresh) set(CURLOPT_FRESH_CONNECT, 1L);
  }

  /// Whether a kept connection was closed by the server before it took anything of this mail. It may have said so, with
  /// 421, when nobody listened.
  [[nodiscard]] bool was_dead(CURLcode code) const {
    long opened = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_NUM_CONNECTS, &opened);
    const bool broken = code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_GOT_NOTHING ||
                        code == CURLE_WEIRD_SERVER_REPLY;
    return broken && opened == 0 && !begun_ && (answer_.code == 0 || answer_.code == 421);
  }

  [[nodiscard]] ProviderError error_of(CURLcode code, const SmtpMail& mail) const {
    if (lacks_utf8_) return no_smtputf8();
    const bool cut_off = code == CURLE_OPERATION_TIMEDOUT || code == CURLE_ABORTED_BY_CALLBACK;
    if (answer_.code >= 400 && !cut_off) return provider_error_of(answer_);
    const std::string detail = message_[0] != '\0' ? &message_[0] : curl_easy_strerror(code);
    if (code == CURLE_USE_SSL_FAILED || code == CURLE_LOGIN_DENIED) return misconfigured(detail);
    ProviderError error = unavailable(detail);
    // Without its last byte the server cannot take it.
    error.maybe_sent = begun_ && rest_.empty() && !mail.content.empty();
    error.outage = code != CURLE_ABORTED_BY_CALLBACK;
    return error;
  }

  const SmtpOptions& options_;
  const SmtpClient& client_;
  std::unique_ptr<CURL, EasyCleanup> easy_;
  char message_[CURL_ERROR_SIZE] = {};
  SmtpAnswer answer_;
  std::string_view rest_;
  bool begun_ = false;
  bool greeted_ = false;      ///< All lines of the last EHLO were read; stays with the connection.
  bool offers_utf8_ = false;  ///< Likewise.
  bool needs_utf8_ = false;   ///< The mail of now: letters outside ASCII in its address. [RFC 6531, 3.2]
  bool lacks_utf8_ = false;
};

SmtpClient::SmtpClient(SmtpOptions options) : options_(std::move(options)) {
  CS_CHECK(options_.connections_max > 0);
  initialise_curl();
}

SmtpClient::~SmtpClient() { stop(); }

void SmtpClient::send(SmtpMail mail, Sent sent) {
  {
    const std::lock_guard lock(mutex_);
    if (!is_stopping() && waiting_.size() < options_.waiting_max && has_thread_for(waiting_.size() + 1)) {
      waiting_.push_back({std::move(mail), std::move(sent)});
      changed_.notify_one();
      return;
    }
  }
  sent(fail(unavailable(is_stopping() ? "the client has been stopped" : "too many mails wait already")));
}

/// Starts a thread where all are busy. Requires the lock. The system may have none left; then those that there are do
/// it.
bool SmtpClient::has_thread_for(std::size_t mails) {
  if (idle_ < mails && threads_.size() < options_.connections_max) {
    try {
      threads_.emplace_back([this] { run(); });
    } catch (const std::system_error&) {
      return !threads_.empty();
    }
  }
  return true;
}

void SmtpClient::run() {
  begin_curl_thread("mail");
  Connection connection(options_, *this);
  std::unique_lock lock(mutex_);
  ++idle_;
  for (;;) {
    changed_.wait(lock, [&] { return is_stopping() || !waiting_.empty(); });
    if (waiting_.empty()) return;
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    --idle_;
    lock.unlock();
    Result<Done, ProviderError> answer = fail(unavailable("the client has been stopped"));
    if (!is_stopping()) answer = connection.hand_over(next.mail);
    wipe(next.mail.content);
    lock.lock();
    ++idle_;  // Before the answer is told: who sends the next mail because of it gets this connection.
    lock.unlock();
    next.sent(std::move(answer));
    lock.lock();
  }
}

void SmtpClient::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_.store(true, std::memory_order_relaxed);
    changed_.notify_all();
  }
  // No thread is added any more.
  for (auto& thread : threads_)
    if (thread.joinable()) thread.join();
}

}  // namespace countersign::delivery
