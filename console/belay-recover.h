/* Joins the recovery panel and the RECOVER button to session and operation. Main thread. */
#ifndef BELAY_CONSOLE_BELAY_RECOVER_H
#define BELAY_CONSOLE_BELAY_RECOVER_H

#include <stdbool.h>

#include "console/model/belay-interlock.h"
#include "console/model/belay-operation.h"
#include "console/widgets/belay-fault-bar.h"
#include "console/widgets/belay-recovery-panel.h"

/* All are the window's, which outlives it. */
struct belay_recover {
    BelaySession *session;
    BelayOperation *operation;
    BelayRecoveryPanel *panel;
    BelayFaultBar *faults;
    bool open; /* the operator looks at what a recovery may begin without */
};

/* Listens to panel and fault bar; `self` must stay where it is for as long as they live. */
void belay_recover_init(struct belay_recover *self, BelaySession *session, BelayOperation *operation,
                        BelayRecoveryPanel *panel, BelayFaultBar *faults);

/* Shows the panel, or hides it: a recovery that runs is on every client, of whatever axis; that one may begin is
 * offered beside RESET, and shown when asked for. */
void belay_recover_refresh(struct belay_recover *self, const struct belay_situation *situation);

#endif
