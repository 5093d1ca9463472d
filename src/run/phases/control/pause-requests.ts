/** What a user asks of the load of a run: to pause, or to resume. Whoever runs it receives the requests. */
export class PauseRequests {
  #receive: (() => void) | null = null;

  /** @param receive is called with each request from now on; null if there is no load to pause. */
  sendTo(receive: (() => void) | null): void {
    this.#receive = receive;
  }

  /** Asks to pause a load that runs, or to resume one that is paused. It has no effect while there is none. */
  request(): void {
    this.#receive?.();
  }
}
