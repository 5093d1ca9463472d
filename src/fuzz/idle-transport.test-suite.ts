/** For a lane of a simulated world that has nothing to do: nothing comes, and there is no room. */
import { CLAIM_FULL, type PhoneTransport } from '../wire/transport.ts';

export class IdleTransport implements PhoneTransport {
  readonly output = new DataView(new ArrayBuffer(0));

  poll(): number {
    return 0;
  }

  hasInput(): boolean {
    return false;
  }

  claim(): number {
    return CLAIM_FULL;
  }

  commit(): void {}

  roomBytes(): number {
    return 0;
  }

  flush(): void {}

  close(): boolean {
    return false;
  }

  release(): boolean {
    return false;
  }

  connect(): boolean {
    return false;
  }

  vanish(): boolean {
    return false;
  }
}
