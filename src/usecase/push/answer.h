#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "usecase/problem.h"
#include "usecase/verification/check.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// What a device answered to a prompt, as it came. It says the challenge and its key itself, so that the signature can
/// be judged before anything is read; both are compared with what is stored.
struct DeviceAnswer {
  std::string prompt;                  ///< As it was given.
  std::string challenge;               ///< 32 bytes, of the prompt.
  std::string public_key;              ///< 65 bytes.
  std::string signature;               ///< Of approval_text() or denial_text(), 64 bytes.
  std::optional<SecretString> number;  ///< As typed; nullopt: the person refuses.
};

/// Whether that key signed that answer. Pure.
[[nodiscard]] bool is_genuine(const DeviceAnswer& answer);

/// The number that the person typed on a device: adds the proof if it is the one of the asking page. `genuine`: of
/// is_genuine(). A wrong one is a failure of the device [STD-20] and gets kWrongCode with the numbers left; the third
/// ends the prompt. One kWrongResponse for everything else that is wrong: another key, another challenge, a prompt that
/// is over, a device that was not asked. Those are counted as a stranger's, and end nobody's prompt. [PUSH-8, THR-5]
[[nodiscard]] Answer<Approved> approve_on_device(const Work& work, const TransactionId& id, const DeviceAnswer& answer,
                                                 bool genuine);

/// The person did not ask for it: denies the transaction, and the device is silent to that asker for a while. [THR-8]
[[nodiscard]] Answer<Approved> deny_on_device(const Work& work, const TransactionId& id, const DeviceAnswer& answer,
                                              bool genuine);

}  // namespace countersign::usecase
