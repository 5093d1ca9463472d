/**
 * What a hop with a message to a group says about it, before its payload:
 *
 *     byte 0 account index of the group, 4 account index of the author, 8 version of the group, 12 the author's id
 *
 * The phone's frame has all of it, so it is passed on as a part of the bytes of the message, and not field by field.
 */
export const GROUP_HEAD_BYTES = 16;

/** @returns the offset of the payload. */
export function writeGroupHead(
  view: DataView,
  at: number,
  group: number,
  author: number,
  version: number,
  id: number,
): number {
  view.setInt32(at, group, true);
  view.setInt32(at + 4, author, true);
  view.setInt32(at + 8, version, true);
  view.setInt32(at + 12, id, true);
  return at + GROUP_HEAD_BYTES;
}

export function headGroup(view: DataView, at: number): number {
  return view.getInt32(at, true);
}

export function headAuthor(view: DataView, at: number): number {
  return view.getInt32(at + 4, true);
}

export function headVersion(view: DataView, at: number): number {
  return view.getInt32(at + 8, true);
}

export function headId(view: DataView, at: number): number {
  return view.getInt32(at + 12, true);
}
