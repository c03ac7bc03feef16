#pragma once

#include <memory>
#include <string>

#include "delivery/trace_exporter.h"
#include "http/request.h"
#include "main/config/config.h"
#include "main/settings.h"

namespace countersign::main {

/// Null if no collector is configured. `node` is this process's name.
[[nodiscard]] std::unique_ptr<delivery::TraceExporter> make_tracer(const Config& config, const std::string& node,
                                                                   const Clock& clock, Random& random);

/// Adds a span around each call of each provider. The recorder outlives them.
void trace_providers(BuiltProviders& providers, trace::Recorder& recorder);

/// The span of a request: a child of its traceparent, if that is valid.
[[nodiscard]] trace::Span span_of(const http::Request& request, trace::Recorder& recorder);

}  // namespace countersign::main
