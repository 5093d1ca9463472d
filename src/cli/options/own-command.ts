/** The command line of this process as text, for whoever wants to repeat what it measured. */

/** Characters that a POSIX shell takes as they are. */
const PLAIN = /^[\w@%+=:,./-]+$/;
/** Options that do not belong to the measurement: where an interrupted one continues. */
const LEFT_OUT = '--resume';

/** @param words after the name of the program, each as the shell passed it. */
export function ownCommand(words: readonly string[] = process.argv.slice(2)): string {
  const kept = words.filter((word, i) => !isLeftOut(word) && words[i - 1] !== LEFT_OUT);
  return ['trunkline', ...kept.map(quoted)].join(' ');
}

function isLeftOut(word: string): boolean {
  return word === LEFT_OUT || word.startsWith(`${LEFT_OUT}=`);
}

/** As a word of a POSIX shell. */
function quoted(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
