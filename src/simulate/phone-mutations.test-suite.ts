/**
 * Mistakes of a switch with groups and presence, and of phones in a storm, that tests make on purpose, to see that
 * their checks find them. Each lasts until the mocks of the test are restored.
 */
import { mock } from 'node:test';
import { LoginBackoff } from '../driver/schedules/login-backoff.ts';
import { MemberLists } from '../switch/groups/member-lists.ts';
import { AccountHome, type PresenceChanges } from '../switch/homes/account-home.ts';
import { SessionAnswers } from '../switch/homes/session-answers.ts';
import { AccountPresence } from '../switch/presence/account-presence.ts';

/** One recipient of messages to groups in so many is taken for served, and gets nothing. */
export function leaveOutOneIn(times: number): void {
  const { takeShared } = AccountHome.prototype;
  let calls = 0;
  mock.method(AccountHome.prototype, 'takeShared', function (this: AccountHome, ...all: Parameters<typeof takeShared>) {
    calls++;
    return calls % times === times / 2 ? true : takeShared.apply(this, all);
  });
}

/** Who has left a group is sent its messages as before. */
export function keepWhoLeft(): void {
  mock.method(MemberLists.prototype, 'remove', () => {});
}

/** Each change of presence is put into a mailbox besides: that of the phone whose login its home has seen last. */
export function putPresenceIntoMailboxes(): void {
  const homes = new Map<PresenceChanges, AccountHome>();
  const lastLogins = new Map<AccountHome, number>();
  const { connect, login } = AccountHome.prototype;
  const { changed } = AccountPresence.prototype;
  const { message } = SessionAnswers.prototype;
  const notice = { view: new DataView(new ArrayBuffer(13)), at: 0, bytes: 13 };
  let id = 0;
  let isNotice = false;
  mock.method(AccountHome.prototype, 'connect', function (this: AccountHome, presence: PresenceChanges) {
    homes.set(presence, this);
    connect.call(this, presence);
  });
  mock.method(AccountHome.prototype, 'login', function (this: AccountHome, ...all: Parameters<typeof login>) {
    lastLogins.set(this, all[0]);
    login.apply(this, all);
  });
  mock.method(AccountPresence.prototype, 'changed', function (this: AccountPresence, row: number) {
    changed.call(this, row);
    const home = homes.get(this);
    const watcher = home === undefined ? undefined : lastLogins.get(home);
    if (watcher === undefined) return;
    isNotice = true;
    home?.route(watcher, 0, 0, ++id, watcher, notice);
    isNotice = false;
  });
  mock.method(SessionAnswers.prototype, 'message', function (this: SessionAnswers, ...all: Parameters<typeof message>) {
    if (!isNotice) message.apply(this, all); // nobody has sent it
  });
}

/** Phones wait for `micros` before they log in again, each as long as all others. */
export function loseJitter(micros: number): void {
  const { draw } = LoginBackoff.prototype;
  mock.method(LoginBackoff.prototype, 'draw', function (this: LoginBackoff, series: number) {
    draw.call(this, series);
    this.delayMicros = micros;
  });
}
