/** Room that frames about presence and reading leave free for messages and confirmations, which matter more. */
export const MESSAGE_ROOM_BYTES = 20 * 1024;
