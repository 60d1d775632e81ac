/* The promises of modules/module.h as checks that a module passes or fails. Each returns true if
 * the promise is kept, so that a module made to break it can show that the check would notice. */
#ifndef SY_TESTS_DSP_CONTRACT_H
#define SY_TESTS_DSP_CONTRACT_H

#include <stdbool.h>

#include "modules/module.h"

/* M1: nothing is remembered but in the state: copied elsewhere, it goes on to the same bits,
 * whatever other instances do in between, and the same block twice gives the same twice. */
bool sy_contract_state_is_all(const SyModule *module);

/* M1 and M5: a block run again, from the state before it and the tape that the first run has left,
 * gives the same bits and leaves the same state and tape. */
bool sy_contract_blocks_can_be_run_again(const SyModule *module);

/* M3: a lane gives the same bits alone, among others, and wherever it stands among them. */
bool sy_contract_lanes_are_independent(const SyModule *module);

/* M3: whether lanes hear one wire or wires with the same on them, they give the same bits. */
bool sy_contract_wires_can_be_shared(const SyModule *module);

/* M4: blocks cut anywhere, down to single frames, give the same bits and leave the same state. */
bool sy_contract_cuts_are_inaudible(const SyModule *module);

/* M6: outputs are finite and below 10^6 with inputs of +-100 and parameters anywhere, and once the
 * inputs are at rest they are back within +-4 in two seconds. */
bool sy_contract_outputs_are_bounded(const SyModule *module);

/* An output does not depend on whether the others are heard, nor on what of the state the module
 * says not to use then. */
bool sy_contract_outputs_are_independent(const SyModule *module);

/* A parameter on its way gives the bits that it would if it were set anew before each frame. */
bool sy_contract_ramps_are_exact(const SyModule *module);

/* All builds of the kernels give the same bits and leave the same state. */
bool sy_contract_builds_agree(const SyModule *module);

/* No denormal number is put out or kept, and the rounding mode and the like are left alone. */
bool sy_contract_denormals_are_flushed(const SyModule *module);

#endif
