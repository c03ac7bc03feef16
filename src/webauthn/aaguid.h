#pragma once

#include <optional>
#include <string>
#include <string_view>

// AAGUIDs: the 16 bytes by which an authenticator names its model, or a passkey provider itself. In WebAuthn they are
// bytes; for people, in configuration and in metadata they are written as UUIDs.
namespace countersign::webauthn {

/// "00112233-4455-6677-8899-aabbccddeeff", in lower case, of 16 bytes.
[[nodiscard]] std::string aaguid_text(std::string_view aaguid);

/// The 16 bytes of such a text, in either case; nullopt for any other form.
[[nodiscard]] std::optional<std::string> aaguid_from_text(std::string_view text);

/// What people call this authenticator or passkey provider ("Bitwarden"), for lists of a person's passkeys; nullopt if
/// it is not in authenticator_names.json. A name proves nothing: only an attestation with a path to a root does. Lives
/// as long as the program. Thread-safe.
[[nodiscard]] std::optional<std::string_view> authenticator_name(std::string_view aaguid);

}  // namespace countersign::webauthn
