"""Label artwork and FDA's workbook, of what each organisation keeps."""
