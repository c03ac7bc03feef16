#include "delivery/providers/smtp.h"

#include "base/check.h"
#include "contact/mail_html.h"
#include "delivery/mail/mime.h"

namespace countersign::delivery {

SmtpSender::SmtpSender(const Clock& clock, SmtpSenderOptions options)
    : clock_(clock),
      options_(std::move(options)),
      domain_(options_.from.substr(options_.from.find('@') + 1)),
      client_(options_.server) {}

std::string SmtpSender::return_path_of(const OutgoingMessage& message) const {
  if (!options_.tags_returns || message.return_tag.empty()) return options_.return_path;
  std::string path = options_.return_path;
  return path.insert(path.find('@'), '+' + message.return_tag);
}

void SmtpSender::send(OutgoingMessage message, ProviderDone<Accepted> done) {
  CS_CHECK(supports(message.channel));
  // Notices and the codes of the Verify-compatible API are text alone.
  if (message.html.empty())
    message.html = contact::mail_document_of_text(message.locale, message.subject, message.body);
  const std::string message_id = message.id.text() + '@' + domain_;
  Mail mail{.from_name = options_.from_name,
            .from = options_.from,
            .to = message.to,
            .subject = message.subject,
            .text = message.body,
            .html = message.html,
            .message_id = message_id,
            .locale = message.locale,
            .date = clock_.now()};
  client_.send({return_path_of(message), message.to, write_mail(mail)},
               [ref = message.id.text(), done = std::move(done)](Result<Done, ProviderError> sent) mutable {
                 if (!sent) return done(fail(std::move(sent.error())));
                 done(Accepted{std::move(ref)});
               });
  for (std::string* text : {&message.subject, &message.body, &message.html}) wipe(*text);
}

}  // namespace countersign::delivery
