#pragma once

#include <memory>
#include <string>

#include "delivery/trace_exporter.h"
#include "http/request.h"
#include "main/config.h"
#include "main/settings.h"

namespace countersign::app {

/// Nothing where the configuration names no collector. `node` is this process among others.
[[nodiscard]] std::unique_ptr<delivery::TraceExporter> make_tracer(const Config& config, const std::string& node,
                                                                   const Clock& clock, Random& random);

/// Puts a span around each call of each provider. The recorder outlives them.
void trace_providers(BuiltProviders& providers, trace::Recorder& recorder);

/// The span of a request: below the one that its traceparent names, if it has one that is valid.
[[nodiscard]] trace::Span span_of(const http::Request& request, trace::Recorder& recorder);

}  // namespace countersign::app
