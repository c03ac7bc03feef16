#include "domain/notice_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "contact/message_text.h"
#include "domain/display.h"
#include "domain/sms_words.h"

namespace countersign::domain {

namespace {

constexpr std::size_t kKinds = 6;
constexpr std::size_t kAbouts = 12;

/// Verb agreement: masculine, feminine, plural.
enum class Agreement : std::uint8_t { kMasculine, kFeminine, kPlural };

struct Noun {
  std::string_view fresh;  ///< "a new phone"
  std::string_view known;  ///< "the phone"
  Agreement agreement;
};

using Verbs = std::array<std::string_view, 3>;  ///< By agreement.

struct NoticeTexts {
  std::string_view locale;
  std::array<Noun, kKinds> nouns;  ///< By kind.
  Verbs added;                     ///< {0} the noun, with the address if it fits.
  Verbs vouched;
  Verbs woken;
  Verbs waits_anew;
  Verbs replaced;
  Verbs lost;
  Verbs removed;
  Verbs leaving;
  Verbs renamed;
  Verbs not_removed;
  std::string_view erasure;
  std::string_view code_used;   ///< {0} how many are left
  std::string_view codes_used;  ///< {0} how many
  std::string_view whole;       ///< {0} service, {1} what happened, {2} whom to contact
  std::string_view subject;     ///< {0} service
  std::string_view code;        ///< {0} service, {1} code, {2} minutes
};

constexpr std::array kNoticeTexts{
    NoticeTexts{
        "pt-BR",
        {{{"um novo telefone", "o telefone", Agreement::kMasculine},
          {"um novo e-mail", "o e-mail", Agreement::kMasculine},
          {"um novo aplicativo autenticador", "o aplicativo autenticador", Agreement::kMasculine},
          {"uma nova chave de acesso", "a chave de acesso", Agreement::kFeminine},
          {"um novo dispositivo", "o dispositivo", Agreement::kMasculine},
          {"novos códigos de recuperação", "os códigos de recuperação", Agreement::kPlural}}},
        {"{0} foi adicionado à sua conta", "{0} foi adicionada à sua conta", "{0} foram adicionados à sua conta"},
        {"o suporte liberou {0} na sua conta", "o suporte liberou {0} na sua conta",
         "o suporte liberou {0} na sua conta"},
        {"o suporte desbloqueou {0} da sua conta", "o suporte desbloqueou {0} da sua conta",
         "o suporte desbloqueou {0} da sua conta"},
        {"{0} vai voltar a valer na sua conta", "{0} vai voltar a valer na sua conta",
         "{0} vão voltar a valer na sua conta"},
        {"{0} foi trocado", "{0} foi trocada", "{0} foram trocados"},
        {"{0} foi dado como perdido", "{0} foi dada como perdida", "{0} foram dados como perdidos"},
        {"{0} foi removido", "{0} foi removida", "{0} foram removidos"},
        {"{0} será removido em alguns dias, a pedido", "{0} será removida em alguns dias, a pedido",
         "{0} serão removidos em alguns dias, a pedido"},
        {"{0} mudou de nome na sua conta", "{0} mudou de nome na sua conta", "{0} mudaram de nome na sua conta"},
        {"{0} não foi removido: o que resta não basta", "{0} não foi removida: o que resta não basta",
         "{0} não foram removidos: o que resta não basta"},
        "pediram para apagar seus dados de confirmação, em 3 dias",
        "um código de recuperação da sua conta foi usado (sobram {0})",
        "códigos de recuperação da sua conta foram usados ({0})",
        "{0}: {1}. Não foi você? Fale com {2}.",
        "Mudança na sua conta ({0})",
        "{0}: {1} é o código para parar uma mudança na sua conta. Vale {2} min. Não passe a ninguém."},
    NoticeTexts{"en",
                {{{"a new phone", "the phone", Agreement::kMasculine},
                  {"a new e-mail", "the e-mail", Agreement::kMasculine},
                  {"a new authenticator app", "the authenticator app", Agreement::kMasculine},
                  {"a new passkey", "the passkey", Agreement::kMasculine},
                  {"a new device", "the device", Agreement::kMasculine},
                  {"new recovery codes", "the recovery codes", Agreement::kPlural}}},
                {"{0} was added to your account", "{0} was added to your account", "{0} were added to your account"},
                {"support approved {0} for your account", "support approved {0} for your account",
                 "support approved {0} for your account"},
                {"support unlocked {0} of your account", "support unlocked {0} of your account",
                 "support unlocked {0} of your account"},
                {"{0} will work again for your account", "{0} will work again for your account",
                 "{0} will work again for your account"},
                {"{0} was replaced", "{0} was replaced", "{0} were replaced"},
                {"{0} was reported lost", "{0} was reported lost", "{0} were reported lost"},
                {"{0} was removed", "{0} was removed", "{0} were removed"},
                {"{0} will be removed in some days, as asked", "{0} will be removed in some days, as asked",
                 "{0} will be removed in some days, as asked"},
                {"{0} of your account got another name", "{0} of your account got another name",
                 "{0} of your account got another name"},
                {"{0} was not removed: the rest is not enough", "{0} was not removed: the rest is not enough",
                 "{0} were not removed: the rest is not enough"},
                "somebody asked to erase your confirmation data, in 3 days",
                "a recovery code of your account was used ({0} left)",
                "recovery codes of your account were used ({0})",
                "{0}: {1}. Not you? Contact {2}.",
                "A change to your account ({0})",
                "{0}: {1} is the code to stop a change to your account. Valid {2} min. Never share it."},
    NoticeTexts{
        "es",
        {{{"un nuevo teléfono", "el teléfono", Agreement::kMasculine},
          {"un nuevo correo", "el correo", Agreement::kMasculine},
          {"una nueva app de autenticación", "la app de autenticación", Agreement::kFeminine},
          {"una nueva llave de acceso", "la llave de acceso", Agreement::kFeminine},
          {"un nuevo dispositivo", "el dispositivo", Agreement::kMasculine},
          {"nuevos códigos de recuperación", "los códigos de recuperación", Agreement::kPlural}}},
        {"se añadió {0} a tu cuenta", "se añadió {0} a tu cuenta", "se añadieron {0} a tu cuenta"},
        {"soporte habilitó {0} en tu cuenta", "soporte habilitó {0} en tu cuenta", "soporte habilitó {0} en tu cuenta"},
        {"soporte desbloqueó {0} de tu cuenta", "soporte desbloqueó {0} de tu cuenta",
         "soporte desbloqueó {0} de tu cuenta"},
        {"{0} volverá a servir en tu cuenta", "{0} volverá a servir en tu cuenta",
         "{0} volverán a servir en tu cuenta"},
        {"{0} fue reemplazado", "{0} fue reemplazada", "{0} fueron reemplazados"},
        {"{0} se declaró perdido", "{0} se declaró perdida", "{0} se declararon perdidos"},
        {"{0} fue eliminado", "{0} fue eliminada", "{0} fueron eliminados"},
        {"{0} se eliminará en unos días, a pedido", "{0} se eliminará en unos días, a pedido",
         "{0} se eliminarán en unos días, a pedido"},
        {"{0} cambió de nombre en tu cuenta", "{0} cambió de nombre en tu cuenta",
         "{0} cambiaron de nombre en tu cuenta"},
        {"{0} no fue eliminado: lo que queda no basta", "{0} no fue eliminada: lo que queda no basta",
         "{0} no fueron eliminados: lo que queda no basta"},
        "pidieron borrar tus datos de confirmación, en 3 días",
        "se usó un código de recuperación de tu cuenta (quedan {0})",
        "se usaron códigos de recuperación de tu cuenta ({0})",
        "{0}: {1}. ¿No fuiste tú? Contacta con {2}.",
        "Un cambio en tu cuenta ({0})",
        "{0}: {1} es el código para detener un cambio en tu cuenta. Vale {2} min. No lo compartas."},
};

const NoticeTexts& notice_texts_for(std::string_view locale) {
  const auto by_language = [&](const NoticeTexts& t) { return t.locale.substr(0, 2) == locale.substr(0, 2); };
  const auto found = std::ranges::find_if(kNoticeTexts, by_language);
  return found != kNoticeTexts.end() ? *found : kNoticeTexts[1];
}

const Verbs& verbs_of(const NoticeTexts& texts, NoticeAbout about) {
  switch (about) {
    case NoticeAbout::kVouched:
      return texts.vouched;
    case NoticeAbout::kWoken:
      return texts.woken;
    case NoticeAbout::kWaitsAnew:
      return texts.waits_anew;
    case NoticeAbout::kReplaced:
      return texts.replaced;
    case NoticeAbout::kLost:
      return texts.lost;
    case NoticeAbout::kRemoved:
      return texts.removed;
    case NoticeAbout::kLeaving:
      return texts.leaving;
    case NoticeAbout::kRenamed:
      return texts.renamed;
    case NoticeAbout::kNotRemoved:
      return texts.not_removed;
    case NoticeAbout::kAdded:
    case NoticeAbout::kErasure:
    case NoticeAbout::kCodeUsed:
      break;
  }
  return texts.added;
}

std::string what_happened(const NoticeTexts& texts, const NoticeParts& parts, std::string_view masked,
                          Spelling spelling) {
  if (parts.about == NoticeAbout::kErasure) return spelled_words(texts.erasure, spelling);
  if (parts.about == NoticeAbout::kCodeUsed)
    return fmt::format(fmt::runtime(spelled_words(texts.code_used, spelling)), parts.codes_left.value_or(0));
  const Noun& noun = texts.nouns.at(static_cast<std::size_t>(parts.kind));
  const bool fresh = parts.about == NoticeAbout::kAdded || parts.about == NoticeAbout::kVouched;
  std::string source = spelled_words(fresh ? noun.fresh : noun.known, spelling);
  if (!masked.empty()) source += fmt::format(" ({})", masked);
  const auto verb = verbs_of(texts, parts.about).at(static_cast<std::size_t>(noun.agreement));
  return fmt::format(fmt::runtime(spelled_words(verb, spelling)), source);
}

/// Phones may turn an e-mail address into a link, which is allowed.
bool is_mail(std::string_view word) {
  const auto at = word.find('@');
  return at != std::string_view::npos && at > 0 && word.find('@', at + 1) == std::string_view::npos &&
         word.find('.', at) != std::string_view::npos && word.find_first_of("/:") == std::string_view::npos;
}

/// The contact as it is sent, never as a link. nullopt if it cannot be spelled this way.
std::optional<std::string> spelled_objection(std::string_view objection, Spelling spelling) {
  const std::string visible = contact::visible_text(objection);
  const auto text = spelling == Spelling::kGsm7 ? contact::to_gsm7(visible) : visible;
  if (!text) return std::nullopt;
  std::string out;
  for (std::string_view rest = *text; !rest.empty();) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    out.append(is_mail(word) ? std::string(word) : contact::without_links(word));
    if (word.size() < rest.size()) out += ' ';
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
  }
  return out;
}

/// nullopt if a name cannot be spelled this way.
std::optional<std::string> notice_sentence(const NoticeParts& parts, std::string_view masked,
                                           std::span<const NoticeChange> changes, std::size_t service_room,
                                           Spelling spelling) {
  const NoticeTexts& texts = notice_texts_for(parts.locale);
  const auto service = spelled_name(parts.service_name, service_room, spelling);
  const auto objection = spelled_objection(parts.objection, spelling);
  if (!service || !objection) return std::nullopt;
  std::string what;
  for (const NoticeChange& change : changes) {
    NoticeParts one = parts;
    one.about = change.about;
    one.kind = change.kind;
    if (!what.empty()) what += "; ";
    if (change.about == NoticeAbout::kCodeUsed && !parts.codes_left) {
      what += fmt::format(fmt::runtime(spelled_words(texts.codes_used, spelling)), change.count);
      continue;
    }
    what += what_happened(texts, one, masked, spelling);
    if (change.count > 1) what += fmt::format(" ({})", change.count);
  }
  return fmt::format(fmt::runtime(spelled_words(texts.whole, spelling)), *service, what, *objection);
}

std::string in_one_spelling(const NoticeParts& parts, std::string_view masked, std::span<const NoticeChange> changes,
                            std::size_t service_room) {
  auto text = notice_sentence(parts, masked, changes, service_room, Spelling::kGsm7);
  if (!text) text = notice_sentence(parts, masked, changes, service_room, Spelling::kAsSpelled);
  return std::move(text).value_or("");
}

/// GSM-7 has no bullet.
std::string with_stars(std::string_view masked) {
  constexpr std::string_view kBullet = "\u2022";
  std::string out;
  while (!masked.empty()) {
    const bool is_bullet = masked.starts_with(kBullet);
    out += is_bullet ? '*' : masked.front();
    masked.remove_prefix(is_bullet ? kBullet.size() : 1);
  }
  return out;
}

}  // namespace

std::string_view to_text(NoticeAbout about) {
  static constexpr std::array<std::string_view, kAbouts> kNames{"added",     "vouched", "woken",   "waits_anew",
                                                                "replaced",  "lost",    "removed", "erasure",
                                                                "code_used", "leaving", "renamed", "not_removed"};
  return kNames.at(static_cast<std::size_t>(about));
}

namespace {

std::string text_of_changes(contact::Channel channel, const NoticeParts& parts, std::string_view masked_address,
                            std::span<const NoticeChange> changes) {
  if (channel != contact::Channel::kSms)
    return notice_sentence(parts, masked_address, changes, 64, Spelling::kAsSpelled).value_or("");
  const std::string masked = with_stars(masked_address);
  for (std::size_t segments = 1;; ++segments) {
    std::string text = in_one_spelling(parts, masked, changes, 30);
    for (const std::size_t room : {30U, 24U, 18U, 12U, 8U, 4U}) {
      if (contact::measure_message(text).segments <= segments) return text;
      text = in_one_spelling(parts, "", changes, room);
    }
    if (contact::measure_message(text).segments <= segments) return text;
  }
}

}  // namespace

std::string notice_text(contact::Channel channel, const NoticeParts& parts) {
  const NoticeChange only{parts.about, parts.kind};
  return text_of_changes(channel, parts, parts.masked, std::span(&only, 1));
}

std::string notice_of_changes(contact::Channel channel, const NoticeParts& parts,
                              std::span<const NoticeChange> changes) {
  NoticeParts several = parts;
  several.codes_left.reset();
  return text_of_changes(channel, several, "", changes);
}

std::string notice_subject(const NoticeParts& parts) {
  return fmt::format(fmt::runtime(notice_texts_for(parts.locale).subject),
                     contact::sanitise_for_message(parts.service_name, 64));
}

std::string objection_code_text(contact::Channel channel, const ObjectionCodeParts& parts) {
  const auto in = [&](Spelling spelling) {
    const auto service = spelled_name(parts.service_name, 30, spelling);
    return service.transform([&](const std::string& name) {
      return fmt::format(fmt::runtime(spelled_words(notice_texts_for(parts.locale).code, spelling)), name, parts.code,
                         parts.valid_minutes);
    });
  };
  const auto plain = channel == contact::Channel::kSms ? in(Spelling::kGsm7) : std::nullopt;
  return plain ? *plain : in(Spelling::kAsSpelled).value_or("");
}

namespace {

struct DecisionTexts {
  std::string_view locale;
  std::string_view keep;
  std::string_view drop;
  std::array<std::string_view, kKinds> nouns;  ///< By kind.
};
constexpr std::array kDecisionTexts{
    DecisionTexts{"pt-BR",
                  "Permitir uma mudança: {0}",
                  "Desfazer uma mudança: {0}",
                  {"novo telefone", "novo e-mail", "novo aplicativo autenticador", "nova chave de acesso",
                   "novo dispositivo", "novos códigos de recuperação"}},
    DecisionTexts{
        "en",
        "Allow a change: {0}",
        "Undo a change: {0}",
        {"new phone", "new email", "new authenticator app", "new passkey", "new device", "new recovery codes"}},
    DecisionTexts{"es",
                  "Permitir un cambio: {0}",
                  "Deshacer un cambio: {0}",
                  {"nuevo teléfono", "nuevo correo", "nueva app de autenticación", "nueva llave de acceso",
                   "nuevo dispositivo", "nuevos códigos de recuperación"}},
};

const DecisionTexts& decision_texts_for(std::string_view locale) {
  const auto by_language = [&](const DecisionTexts& t) { return t.locale.substr(0, 2) == locale.substr(0, 2); };
  const auto found = std::ranges::find_if(kDecisionTexts, by_language);
  return found != kDecisionTexts.end() ? *found : kDecisionTexts[1];
}

}  // namespace

std::string decision_title(std::string_view locale, Kind kind, bool keep) {
  const DecisionTexts& texts = decision_texts_for(locale);
  return fmt::format(fmt::runtime(keep ? texts.keep : texts.drop), source_noun(locale, kind));
}

std::string_view source_noun(std::string_view locale, Kind kind) {
  return decision_texts_for(locale).nouns.at(static_cast<std::size_t>(kind));
}

std::optional<std::string_view> objection_fault(std::string_view objection) {
  constexpr std::size_t kObjectionMax = 50;
  if (objection.empty() || !is_showable(objection, kObjectionMax))
    return "must be 1 to 50 characters without control characters";
  if (objection.find("://") != std::string_view::npos) return "must not hold a link";
  // Most phones turn a word with a dot before a letter into a link, except an e-mail address.
  for (std::string_view rest = objection; !rest.empty();) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    if (word.contains('@')) continue;
    for (std::size_t dot = word.find('.'); dot != std::string_view::npos; dot = word.find('.', dot + 1)) {
      const char next = dot + 1 < word.size() ? word[dot + 1] : ' ';
      if (is_letter(next) || (next & 0x80) != 0)
        return "must not hold what a phone makes a link of: no dot before a letter";
    }
  }
  return std::nullopt;
}

}  // namespace countersign::domain
