/**
 * The errors that a user can meet. Each has a code that never changes once it is released.
 *
 * A programming error is an assertion (`assert.ts`), and back-pressure is a return value. Every other failure is a
 * TrunklineError. Code distinguishes causes by `code`. People read the message, which says what was expected, what was
 * found and what to do.
 */

/**
 * Who has to act: `usage`: the person at the command line; `run`: whoever administers the machine; `bug`: whoever
 * maintains trunkline.
 */
export type ErrorKind = 'usage' | 'run' | 'bug';

const KIND_BY_CODE = {
  SCENARIO_UNKNOWN: 'usage',
  SCENARIO_UNREADABLE: 'usage',
  SCENARIO_INVALID: 'usage',
  SETTING_INVALID: 'usage',
  THRESHOLD_INVALID: 'usage',
  PLAN_EXCEEDS_MEMORY: 'usage',
  PLAN_EXCEEDS_LIMIT: 'usage',
  OUTPUT_UNWRITABLE: 'usage',
  ARGUMENT_INVALID: 'usage',
  RESULT_UNREADABLE: 'usage',
  RESULT_INVALID: 'bug',
  TRANSPORT_UNAVAILABLE: 'usage',
  LISTEN_FAILED: 'usage',
  STREAM_FAILED: 'usage',
  METRIC_UNKNOWN: 'usage',
  COMPARISON_INVALID: 'usage',
  GATE_RULES_INVALID: 'usage',
  SERIES_INVALID: 'usage',
  SERIES_RUNNING: 'usage',
  RUN_REFUSED: 'usage',
  HOST_UNKNOWN: 'usage',
  SECRET_MISSING: 'usage',
  FILE_UNREADABLE: 'usage',
  TLS_INVALID: 'usage',
  LADDER_INVALID: 'usage',
  REPOSITORY_MISSING: 'usage',
  REVISION_UNKNOWN: 'usage',
  REVISION_UNBUILDABLE: 'usage',
  WORK_TREE_DIRTY: 'usage',
  BUILD_STALE: 'usage',
  BASELINE_MISSING: 'usage',
  BASELINE_MISMATCH: 'usage',
  BASELINE_INVALID: 'run',
  REPLAY_INVALID: 'usage',
  STORE_EXCEEDS_INDEX: 'usage',
  STORE_DAMAGED: 'usage',
  STORE_FOREIGN: 'usage',
  STORE_VERSION: 'usage',
  STORE_MISSING: 'usage',
  STORE_MISMATCH: 'usage',
  STORE_LOCKED: 'usage',
  STORE_UNWRITABLE: 'usage',
  STORE_NO_SPACE: 'usage',
  STORE_FAILED: 'run',
  PROFILER_UNAVAILABLE: 'usage',
  PROFILE_INVALID: 'usage',
  TOOL_MISSING: 'usage',
  TOOL_FAILED: 'run',
  SYSTEM_REFUSED: 'run',
  WORKER_START_TIMEOUT: 'run',
  WORKER_FAILED: 'run',
  WORKER_ENDED: 'run',
  PHASE_TIMEOUT: 'run',
  CALIBRATION_FAILED: 'run',
  SIDE_FAILED: 'run',
  RUN_FAILED: 'run',
  STEP_FAILED: 'run',
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof KIND_BY_CODE;

/** Whether a value received from another thread or process is one of the codes. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(KIND_BY_CODE, code);
}

/** An operating error. `code` is stable; `message` is a complete sentence for a person. */
export class TrunklineError extends Error {
  override readonly name = 'TrunklineError';
  readonly code: ErrorCode;
  readonly kind: ErrorKind;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.kind = KIND_BY_CODE[code];
  }
}
