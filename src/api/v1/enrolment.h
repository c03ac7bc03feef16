#pragma once

#include <utility>

#include "api/v1/call.h"
#include "api/v1/fields.h"
#include "usecase/subject/contacts.h"

namespace countersign::api::v1 {

/// `request` with what each new factor has: its person, its name and its service. Call it when all other fields have
/// been read: it answers the first error of all. `Request`: of the use case that enrols.
template <class Request>
usecase::Answer<Request> complete_enrolment(const Api& api, const Call& call, Fields& fields, Request request) {
  request.identity = call.request.params[0];
  request.name = fields.optional_text("name").value_or("");
  const auto service = usecase::service_named(api.context, call.caller, fields.optional_text("service").value_or(""));
  if (fields.problem()) return fail(*fields.problem());
  if (!service) return fail(service.error());
  request.service = (*service)->id;
  return request;
}

}  // namespace countersign::api::v1
