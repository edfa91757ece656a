#include "driver/outcome.h"

namespace doorbell::driver {

Error errorOf(evidence::Outcome outcome, const std::string& what) {
  using evidence::Outcome;
  switch (outcome) {
    case Outcome::TimedOut:
      return {"TIMEOUT", what + ": the controller did not answer in time"};
    case Outcome::Reset:
      return {"CONTROLLER_NOT_READY", what +
                                          ": the controller was reset or disabled; initialise it "
                                          "and create the queue pair anew"};
    case Outcome::PowerLost:
      return {"POWER_LOST", what + ": the controller lost power; power it on and initialise it"};
    case Outcome::Removed:
      return {"REMOVED", what + ": the controller was removed"};
    case Outcome::QueueDeleted:
      return {"CLOSED", what + ": the queue pair was deleted"};
    default:
      return {"CLOSED", what + ": the controller was closed"};
  }
}

}  // namespace doorbell::driver
