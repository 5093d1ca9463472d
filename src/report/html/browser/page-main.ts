/**
 * The script of a page: draws the charts and copies the Markdown. The build bundles it with uPlot into one file, which
 * every report contains; everything else on a page works without it.
 */
import { PAGE_DATA_ID, type PageData } from '../page.ts';
import { drawTimelines } from './draw-timelines.ts';
import { offerMarkdown } from './offer-markdown.ts';

const data: PageData = JSON.parse(document.getElementById(PAGE_DATA_ID)?.textContent ?? 'null');
drawTimelines(data.timelines);
offerMarkdown(data.markdown);
