/**
 * Copies the report as Markdown. A page that was opened from disk may be refused the clipboard; then the text is shown
 * selected, so that the reader can copy it.
 */

/** Shows the button, and gives it the text. */
export function offerMarkdown(markdown: string): void {
  const button = document.getElementById('copy');
  const status = document.getElementById('copied');
  const dialog = document.querySelector<HTMLDialogElement>('dialog#markdown');
  const area = dialog?.querySelector('textarea');
  if (button === null || status === null || dialog === null || area === null || area === undefined) return;
  button.hidden = false;
  dialog.querySelector('button')?.addEventListener('click', () => dialog.close());
  button.addEventListener('click', async () => {
    status.textContent = '';
    if (await wasCopied(markdown)) {
      status.textContent = 'Copied';
      return;
    }
    area.value = markdown;
    dialog.showModal();
    area.select();
  });
}

async function wasCopied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // refused, or there is no such interface outside https
  }
}
