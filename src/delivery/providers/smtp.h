#pragma once

#include <string>

#include "delivery/mail/smtp_client.h"
#include "delivery/ports.h"

namespace countersign::delivery {

struct SmtpSenderOptions {
  SmtpOptions server;
  std::string from;           ///< contact::EmailAddress.
  std::string from_name;      ///< As people read it; empty: the address alone.
  std::string return_path;    ///< Where reports of failed deliveries go; contact::EmailAddress.
  bool tags_returns = false;  ///< The message's tag stands behind a `+` before the `@` of the return path.
};

/// Sends e-mail through a mail server that accepts submissions (RFC 6409): the operator's relay, or a provider's.
///
/// Accepted means that the server has taken the mail. `Message-ID` is the message's id at the domain of `from`, the
/// same for every attempt, by which a server or mailbox can detect a repetition. The id alone is the reference.
class SmtpSender final : public Sender {
 public:
  /// The clock outlives the provider.
  SmtpSender(const Clock& clock, SmtpSenderOptions options);

  void send(OutgoingMessage message, ProviderDone<Accepted> done) override;
  [[nodiscard]] std::string_view name() const override { return "smtp"; }
  [[nodiscard]] bool supports(Channel channel) const override { return channel == Channel::kEmail; }
  void stop() override { client_.stop(); }

 private:
  [[nodiscard]] std::string return_path_of(const OutgoingMessage& message) const;

  const Clock& clock_;
  const SmtpSenderOptions options_;
  const std::string domain_;
  SmtpClient client_;
};

}  // namespace countersign::delivery
